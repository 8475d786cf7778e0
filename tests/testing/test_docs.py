from dataclinic.registry import FIXES
from dataclinic.testing.docs import check_page, plugin_page, write_pages


def test_sections_become_headings_and_attributes_settings(tmp_path):
    page = check_page("class_imbalance")
    assert page.startswith("# class_imbalance\n\nClasses that are rare beside the largest one.\n")
    assert "\n## How it decides\n" in page
    assert "\n## Settings\n\n- `ratio`: a class below this share" in page
    write_pages(tmp_path)
    assert (tmp_path / "checks" / "class_imbalance.md").read_text(encoding="utf-8") == page


def test_fixes_have_pages_too(tmp_path):
    page = plugin_page(FIXES, "drop_high_loss")
    assert page.startswith("# drop_high_loss\n\nLeave out of training the share of samples with the highest loss.\n")
    assert "\n## When it harms\n\nOften." in page
    assert "\n## Settings\n\n- `share`: of the judged samples" in page
    write_pages(tmp_path)
    assert (tmp_path / "fixes" / "drop_high_loss.md").read_text(encoding="utf-8") == page
    assert {path.stem for path in (tmp_path / "fixes").iterdir()} == set(FIXES.ids())
