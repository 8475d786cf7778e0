"""Two runs side by side: what became of suspects, what people said, and what makes runs hard to compare."""

import json

import pytest
from made_gates import Found, Sample, Story, tell, ten
from made_judgement import ESTIMATE

from dataclinic.errors import GateError
from dataclinic.report.comparison import compare, comparison_json

BEFORE, AFTER = "2026-08-02T00:00:00+00:00", "2026-08-04T00:00:00Z"
"""Before and after the made runs ended."""


def changed(before, after):
    changes = compare(before, after).changes
    return [(row.change, row.id, row.how) for row in changes.itertuples()]


def pair(tmp_path, first, second):
    return tell(tmp_path / "a", first), tell(tmp_path / "b", second)


def test_suspects_are_followed_by_content_through_names_and_labels(tmp_path):
    before = [
        Sample("cat/1", "c1", "cat", flagged=True),
        Sample("cat/2", "c2", "cat", flagged=True),
        Sample("cat/3", "c3", "cat", flagged=True),
        Sample("cat/4", "c4", "cat", flagged=True),
        Sample("cat/5", "c5", "cat", flagged=True),
        Sample("cat/6", "c6", "cat"),
    ]
    after = [
        Sample("owl/1", "c1", "owl"),
        Sample("owl/2", "c2", "owl", flagged=True),
        Sample("cat/3", "c3", "cat", flagged=True),
        Sample("cat/4", "c4", "cat"),
        Sample("cat/6", "c6", "cat", flagged=True),
        Sample("cat/7", "c7", "cat", flagged=True),
    ]
    found = compare(*pair(tmp_path, Story(before), Story(after)))
    rows = {row.id: row for row in found.changes.itertuples()}
    assert {name: (row.change, row.how) for name, row in rows.items()} == {
        "owl/1": ("fixed", "relabelled"),
        "owl/2": ("returned", "relabelled, and a suspect again"),
        "cat/3": ("still", "same label as before"),
        "cat/4": ("fixed", "same label, no longer a suspect"),
        "cat/5": ("fixed", "gone from the data"),
        "cat/6": ("new", "was no suspect before"),
        "cat/7": ("new", "was not there before"),
    }
    assert (rows["owl/1"].given_before, rows["owl/1"].given_after) == ("cat", "owl")
    assert rows["cat/5"].given_before == "cat"
    assert rows["cat/7"].given_after == "cat"
    assert rows["owl/1"].reason == "models say owl, not cat"
    assert (found.same, found.gone, found.added, found.relabelled) == (5, 1, 1, 2)


class TestReturned:
    @pytest.mark.parametrize("verdict", [{"verdict": "keep"}, {"verdict": "relabel", "label": "dog"}])
    @pytest.mark.parametrize("side", ["a", "b"])
    def test_a_label_that_a_person_called_right_and_is_a_suspect_again(self, tmp_path, verdict, side):
        decided = [{"id": "s1", "time": BEFORE, **verdict}]
        first = Story(ten(), decisions=decided if side == "a" else ())
        second = Story(ten([1]), decisions=decided if side == "b" else ())
        told = "a person said that its label is right"
        assert changed(*pair(tmp_path, first, second)) == [("returned", "s1", told)]

    @pytest.mark.parametrize(
        "decision",
        [
            {"verdict": "relabel", "label": "owl"},
            {"verdict": "drop"},
            {"verdict": "ambiguous"},
            {"verdict": "keep", "given": "cat"},
            {"verdict": "keep", "time": AFTER},
        ],
        ids=["relabelled-but-not-exported", "dropped", "ambiguous", "kept-with-another-label", "kept-after-the-audit"],
    )
    def test_another_verdict_or_a_later_one_says_nothing_of_it(self, tmp_path, decision):
        runs = pair(tmp_path, Story(ten()), Story(ten([1]), decisions=[{"id": "s1", **decision}]))
        assert changed(*runs) == [("new", "s1", "was no suspect before")]

    def test_a_decision_without_a_time_counts(self, tmp_path):
        runs = pair(tmp_path, Story(ten()), Story(ten([1]), decisions=[{"id": "s1", "verdict": "keep", "time": "?"}]))
        assert changed(*runs)[0][0] == "returned"


def test_estimates_are_told_only_where_both_are_known(tmp_path):
    small = {**ESTIMATE, "errors": {"value": 2.0, "low": 0.5, "high": 4.0}}
    before, after = pair(tmp_path, Story(ten()), Story(ten(), estimate=small))
    assert [bounds.value for bounds in compare(before, after).errors] == [143.1, 2.0]
    blind = tell(tmp_path / "c", Story(ten(), estimate={**ESTIMATE, "known": False}))
    assert compare(before, blind).errors is None
    assert comparison_json(compare(before, blind))["estimated_errors"] is None


def test_checks_of_either_run_are_counted_beside_each_other(tmp_path):
    first = Story(ten(), [Found("dark", 1)], checks=["dark", "blurry"])
    second = Story(ten(), [Found("dark", 1), Found("dark", 2)], {"bright": ("skipped", "left out")}, ["dark", "bright"])
    counts = {one.check: one for one in compare(*pair(tmp_path, first, second)).checks}
    assert (counts["dark"].before, counts["dark"].after) == (1, 2)
    assert (counts["blurry"].before, counts["blurry"].after) == (0, None)
    assert (counts["bright"].outcome_before, counts["bright"].outcome_after) == ("", "skipped")


def test_settings_versions_and_parts_that_differ_are_named(tmp_path):
    changes = {
        "settings": {"folds": 3, "seed": 0, "fail_on": "dark > 1", "checks": {"dark": {"factor": 2}}},
        "dataclinic": "0.2.0",
        "encoder": {"id": "kmeans_patches", "description": "other words"},
        "versions": {"numpy": "2.5.0"},
    }
    found = compare(*pair(tmp_path, Story(ten()), Story(ten(), record=changes)))
    assert {(one.name, one.before, one.after) for one in found.settings} == {
        ("folds", "5", "3"),
        ("checks.dark.factor", "", "2"),
        ("dataclinic", "0.1.0", "0.2.0"),
        ("encoder used", "timm_image", "kmeans_patches"),
        ("version of numpy", "2.4.0", "2.5.0"),
    }


def test_equal_runs_differ_in_nothing(tmp_path):
    found = compare(*pair(tmp_path, Story(ten([1])), Story(ten([1]))))
    assert found.same_labels
    assert (found.settings, found.notes) == ((), ())
    assert [found.count(change) for change in ("new", "returned", "fixed", "still")] == [0, 0, 0, 1]


def test_runs_given_the_wrong_way_round_or_with_other_classes_are_remarked_on(tmp_path):
    dataset = {**tell(tmp_path / "z", Story(ten())).record["dataset"], "classes": ["cat", "dog", "elk", "fox"]}
    early = Story(ten(), record={"finished": "2020-01-01T00:00:00+00:00", "dataset": dataset})
    notes = compare(*pair(tmp_path, Story(ten()), early)).notes
    assert "the first run is the later one" in notes[0]
    assert "1 gone, 2 added" in notes[1]
    (note,) = compare(*pair(tmp_path, Story(ten()), Story([Sample("x", "another")]))).notes
    assert "no sample in common" in note


def test_regressions_are_compared_by_their_numbers(tmp_path):
    samples = [Sample("a", "x", "10.5", flagged=True), Sample("b", "y", "3")]
    after = [Sample("a", "x", "1.05"), Sample("b", "y", "3")]
    found = compare(*pair(tmp_path, Story(samples, task="regression"), Story(after, task="regression")))
    assert [(row.change, row.how) for row in found.changes.itertuples()] == [("fixed", "relabelled")]
    assert {score.name for score in found.scores} == {"mae", "rmse", "median_absolute_error", "r2"}


def test_classes_and_numbers_are_not_compared(tmp_path):
    with pytest.raises(GateError, match=r"an audit of classification, .* one of regression"):
        compare(*pair(tmp_path, Story(ten()), Story(ten(), task="regression")))


def test_json_holds_every_change_and_nothing_that_is_no_json(tmp_path):
    runs = pair(tmp_path, Story(ten([1, 2])), Story([*ten([2]), Sample("new", "n", "cat", flagged=True)]))
    told = json.loads(json.dumps(comparison_json(compare(*runs)), allow_nan=False))
    assert told["samples"] == {"before": 10, "after": 11, "same": 10, "gone": 0, "added": 1, "relabelled": 0}
    assert told["suspects"] == {"before": 2, "after": 2, "new": 1, "returned": 0, "fixed": 1, "still": 1}
    (new,) = told["changes"]["new"]
    assert (new["id"], new["before"], new["after"], new["given_before"]) == ("new", None, 10, None)
    (fixed,) = told["changes"]["fixed"]
    assert (fixed["before"], fixed["after"], fixed["probability"]) == (1, 1, 0.95)
