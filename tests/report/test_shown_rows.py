"""The audit keeps previews of exactly the samples that the report shows."""

from __future__ import annotations

import pytest
from made_galleries import add_copies, add_outliers
from made_judgement import make_judged_run
from made_runs import Made

from dataclinic.report import page
from dataclinic.report.material import Material
from dataclinic.report.page import make_page
from dataclinic.report.shown_rows import shown_rows


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_page_asks_for_no_other_samples_than_were_kept(tmp_path, monkeypatch, task):
    made = Made(kind="table", samples=500, flagged=200, previews=False, task=task)
    run = make_judged_run(tmp_path / "run", made, near=False)
    add_copies(run)
    add_outliers(run)
    ranking, findings = run.read_table("ranking.parquet"), run.read_table("findings.parquet")
    asked: set[int] = set()

    def recording(_run, rows):
        asked.update(rows)
        return {}

    monkeypatch.setattr(page, "read_previews", recording)
    monkeypatch.setattr(page, "read_small_previews", recording)
    make_page(Material.read(run))
    kept = shown_rows(run, ranking, findings)
    assert asked <= set(kept.all)
    assert task == "regression" or asked == set(kept.all)
    assert list(kept.cards) == ranking["row"].head(100).tolist()
    assert set(kept.copies) == set(range(7))
