from dataclinic.testing.docs import check_page, write_pages


def test_sections_become_headings_and_attributes_settings(tmp_path):
    page = check_page("class_imbalance")
    assert page.startswith("# class_imbalance\n\nClasses that are rare beside the largest one.\n")
    assert "\n## How it decides\n" in page
    assert "\n## Settings\n\n- `ratio`: a class below this share" in page
    write_pages(tmp_path)
    assert (tmp_path / "class_imbalance.md").read_text(encoding="utf-8") == page
