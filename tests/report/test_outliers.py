"""Findings that are about samples have galleries; the others stay with their checks."""

from __future__ import annotations

from made_galleries import add_copies, add_outliers
from made_runs import Made, make_run

from dataclinic.report.html import render_html
from dataclinic.report.material import Material
from dataclinic.report.outliers import FEWEST_FINDINGS, MOST_FINDINGS, first_findings
from dataclinic.report.page import make_page


def section_of(run):
    return make_page(Material.read(run)).checks


def test_what_stands_out_by_itself_has_a_gallery_with_its_values(tmp_path):
    run = make_run(tmp_path / "run", Made())
    add_outliers(run)
    found = section_of(run)
    assert [(one.check, one.count, len(one.things)) for one in found.galleries] == [("iqr_outliers", 30, MOST_FINDINGS)]
    ranking = run.read_table("ranking.parquet").set_index("id")
    for thing in found.galleries[0].things:
        assert thing.label == ranking["given_label"][thing.subject]
        assert "above the upper fence" in thing.reason


def test_checks_that_accuse_labels_or_speak_of_copies_have_none(tmp_path):
    run = make_run(tmp_path / "run", Made())
    add_outliers(run, "split_leakage")
    assert [one.check for one in section_of(run).galleries] == ["split_leakage"]
    add_copies(run)
    found = section_of(run)
    assert found.galleries == ()
    elsewhere = {line.check: line.elsewhere for line in found.told}
    assert (elsewhere["split_leakage"], elsewhere["label_errors"]) == ("copies", "")


def test_what_is_shown_elsewhere_is_linked_to_and_not_repeated(tmp_path):
    run = make_run(tmp_path / "run", Made())
    add_outliers(run)
    text = render_html(run)
    assert text.count("width is 3: above the upper fence 9") == 1
    assert '<a href="#outliers">Shown under Outliers</a>' in text


def test_findings_of_many_checks_share_the_room(tmp_path):
    run = make_run(tmp_path / "run", Made(previews=False))
    for place in range(40):
        add_outliers(run, f"check_{place}", count=8)
    counts = first_findings(Material.read(run).findings)["check"].value_counts()
    assert counts["check_0"] == FEWEST_FINDINGS
    assert len(section_of(run).galleries) == 40
