"""Runs held against limits, alone and against a baseline: values, what cannot be said, and who broke them."""

import json

import pytest
from made_gates import CLASSES, Found, Sample, Story, tell, ten
from made_judgement import ESTIMATE

from dataclinic.errors import GateError, RunError
from dataclinic.report.gate import gate_json, hold, known_names


def held(run, expression, baseline=None):
    """Of each limit its value, verdict and note."""
    return [
        (judged.measured.value, judged.kept, judged.measured.note) for judged in hold(run, expression, baseline).limits
    ]


def value(run, name, baseline=None):
    ((found, _, _),) = held(run, f"{name} == 0", baseline)
    return found


def unknown(run, name, baseline=None):
    """Why it cannot be said."""
    ((found, kept, note),) = held(run, f"{name} > 1", baseline)
    assert found is None
    assert kept == "unknown"
    return note


class TestValues:
    def test_checks_count_samples_once_and_what_is_no_sample_one_each(self, tmp_path):
        findings = [
            Found("dark", 3),
            Found("dark", 3),
            Found("dark", 4),
            *[Found("class_imbalance", subject="owl")] * 2,
        ]
        run = tell(tmp_path, Story(ten(), findings))
        assert value(run, "dark") == 2
        assert value(run, "class_imbalance") == 2
        assert held(run, "class_imbalance > 10%")[0][1] == "unknown"

    def test_label_errors_are_the_flagged_samples_and_the_check_has_its_own_name(self, tmp_path):
        run = tell(tmp_path, Story(ten([1, 2, 3]), [Found("label_errors", 1)]))
        assert value(run, "label_errors") == value(run, "suspects") == 3
        assert value(run, "checks.label_errors") == 1

    def test_a_percentage_is_a_share_of_the_samples(self, tmp_path):
        run = tell(tmp_path, Story(ten([1, 2])))
        assert [kept for _, kept, _ in held(run, "label_errors > 20%, label_errors >= 20%, label_errors > 19.9%")] == [
            "held",
            "broken",
            "broken",
        ]

    def test_estimates_are_numbers_of_labels_and_shares_of_the_judged_ones(self, tmp_path):
        estimate = {**ESTIMATE, "errors": {"value": 2.0, "low": 1.0, "high": 3.5}}
        run = tell(tmp_path, Story(ten(), estimate=estimate))
        assert value(run, "estimated_errors") == 2.0
        assert value(run, "estimated_errors.low") == 1.0
        assert held(run, "estimated_errors.high > 34%, estimated_errors.high > 35%")[0][1] == "broken"
        assert held(run, "estimated_errors.high > 34%, estimated_errors.high > 35%")[1][1] == "held"

    def test_scores_and_numbers_of_the_run(self, tmp_path):
        outcomes = {"dark": ("failed", "no memory"), "target_errors": ("skipped", "left out")}
        run = tell(tmp_path, Story(ten(), outcomes=outcomes, unlabelled=4))
        names = ("accuracy", "balanced_accuracy", "failed_checks", "skipped_checks", "samples", "unlabelled", "classes")
        assert [value(run, name) for name in names] == [0.9, 0.85, 1, 1, 10, 4, 3]
        assert value(run, "imbalance_ratio") == 2.5
        assert held(run, "accuracy < 90%")[0][1] == "held"
        assert held(run, "accuracy < 90.1%")[0][1] == "broken"

    def test_errors_of_a_regression(self, tmp_path):
        run = tell(tmp_path, Story(ten([4]), task="regression"))
        assert [value(run, name) for name in ("mae", "rmse", "median_absolute_error", "r2")] == [2, 2.5, 1.5, 0.6]
        assert value(run, "label_errors") == 1


class TestCannotSay:
    @pytest.mark.parametrize("outcome", ["failed", "skipped"])
    def test_of_a_check_that_did_not_end(self, tmp_path, outcome):
        run = tell(tmp_path, Story(ten(), outcomes={"dark": (outcome, "no <memory>")}))
        assert "no <memory>" in unknown(run, "dark")

    def test_a_check_that_did_not_apply_found_nothing_and_says_so(self, tmp_path):
        run = tell(tmp_path, Story(ten(), outcomes={"dark": ("did not apply", "no pictures")}))
        assert held(run, "dark > 0") == [(0, "held", "the check did not apply (no pictures)")]

    def test_of_a_check_that_the_run_does_not_know(self, tmp_path):
        run = tell(tmp_path, Story(ten(), checks=["dark"]))
        assert "audit again" in unknown(run, "bright")

    @pytest.mark.parametrize("name", ["label_errors", "suspects", "estimated_errors", "estimated_errors.high"])
    def test_how_many_labels_are_wrong_where_models_know_too_little(self, tmp_path, name):
        run = tell(tmp_path, Story(ten(), estimate={**ESTIMATE, "known": False}))
        assert "models know too little" in unknown(run, name)

    def test_estimates_and_accuracy_of_a_regression(self, tmp_path):
        run = tell(tmp_path, Story(ten(), task="regression"))
        assert "estimated no number" in unknown(run, "estimated_errors")
        ((_, kept, note),) = held(run, "accuracy < 0.9")
        assert (kept, "mae" in note) == ("unknown", True)

    def test_wrong_numbers_of_a_regression_whose_check_was_skipped(self, tmp_path):
        run = tell(tmp_path, Story(ten(), task="regression", outcomes={"target_errors": ("skipped", "left out")}))
        assert "target_errors was skipped" in unknown(run, "label_errors")

    def test_errors_of_a_classification(self, tmp_path):
        assert "no such number" in unknown(tell(tmp_path, Story(ten())), "mae")

    def test_a_broken_limit_outweighs_one_that_cannot_be_told(self, tmp_path):
        run = tell(tmp_path, Story(ten([1]), outcomes={"dark": ("failed", "no memory")}))
        assert hold(run, "dark > 0, label_errors > 0").verdict == "broken"
        assert hold(run, "dark > 0, label_errors > 5").verdict == "unknown"
        assert hold(run, "samples < 3, label_errors > 5").verdict == "held"


class TestDecisions:
    def test_labels_that_people_kept_are_no_errors_but_stay_suspects(self, tmp_path):
        decisions = [{"id": "s1", "verdict": "keep"}, {"id": "s2", "verdict": "relabel", "label": "owl"}]
        run = tell(tmp_path, Story(ten([1, 2, 3]), [Found("label_errors", 1), Found("dark", 1)], decisions=decisions))
        gate = hold(run, "label_errors > 1, suspects > 1, checks.label_errors > 0, dark > 0")
        assert [judged.measured.value for judged in gate.limits] == [2, 3, 0, 1]
        assert gate.kept == 1
        assert "1 label that people kept as given does not count as wrong" in gate.notes

    def test_a_kept_sample_is_found_by_content_and_only_with_the_label_it_was_kept_with(self, tmp_path):
        elsewhere = {"id": "old/name.png", "verdict": "keep", "content": "c1", "given": CLASSES[1]}
        other = {"id": "s2", "verdict": "keep", "content": "c2", "given": "another"}
        run = tell(tmp_path, Story(ten([1, 2]), decisions=[elsewhere, other]))
        assert hold(run, "label_errors > 0").offenders(hold(run, "label_errors > 0").limits[0].limit)[
            "subject"
        ].tolist() == ["s2"]

    def test_a_later_verdict_and_an_undo_take_a_kept_label_back(self, tmp_path):
        keep = {"id": "s1", "verdict": "keep", "content": "c1"}
        undo = {"id": "s1", "verdict": "undo", "content": "c1"}
        drop = {"id": "s1", "verdict": "drop", "content": "c1"}
        assert value(tell(tmp_path / "a", Story(ten([1]), decisions=[keep, undo])), "label_errors") == 1
        assert value(tell(tmp_path / "b", Story(ten([1]), decisions=[keep, drop])), "label_errors") == 1
        assert value(tell(tmp_path / "c", Story(ten([1]), decisions=[drop, keep])), "label_errors") == 0

    def test_what_people_kept_in_the_baseline_stays_kept_while_the_label_does(self, tmp_path):
        keep = [{"id": f"s{row}", "verdict": "keep"} for row in (1, 2)]
        before = tell(tmp_path / "before", Story(ten(), decisions=keep))
        samples = ten([1, 2])
        samples[2] = Sample("s2", "c2", "cat", flagged=True)
        after = tell(tmp_path / "after", Story(samples))
        gate = hold(after, "label_errors > 0", before)
        assert gate.limits[0].measured.value == 1
        assert gate.offenders(gate.limits[0].limit)["subject"].tolist() == ["s2"]

    def test_a_decision_on_the_run_itself_outweighs_one_on_the_baseline(self, tmp_path):
        before = tell(tmp_path / "before", Story(ten(), decisions=[{"id": "s1", "verdict": "keep"}]))
        drop = [{"id": "s1", "verdict": "drop"}]
        after = tell(tmp_path / "after", Story(ten([1]), decisions=drop))
        assert value(after, "label_errors", before) == 1


class TestBaseline:
    def test_only_new_problems_count(self, tmp_path):
        old = [Found("dark", 3), Found("class_imbalance", subject="owl")]
        before = tell(tmp_path / "before", Story(ten([1, 2]), old))
        new = [*old, Found("dark", 4), Found("class_imbalance", subject="cat")]
        after = tell(tmp_path / "after", Story(ten([1, 2, 5]), new))
        gate = hold(after, "label_errors > 10%, dark > 0, class_imbalance > 1", before)
        assert [(judged.measured.value, judged.kept) for judged in gate.limits] == [
            (1, "held"),
            (1, "broken"),
            (1, "held"),
        ]
        assert gate.offenders(gate.limits[1].limit)["subject"].tolist() == ["s4"]
        assert "4 problems were there before" in gate.notes[0]

    def test_samples_are_known_by_content_whatever_their_names(self, tmp_path):
        before = tell(tmp_path / "before", Story(ten([1]), [Found("dark", 3)]))
        after = tell(tmp_path / "after", Story(ten([1], prefix="renamed"), [Found("dark", 3)]))
        assert [number for number, *_ in held(after, "label_errors > 0, dark > 0", before)] == [0, 0]

    def test_a_sample_that_was_relabelled_and_is_accused_again_is_a_new_problem(self, tmp_path):
        before = tell(tmp_path / "before", Story([Sample("a", "x", "cat", flagged=True), *ten()], [Found("dark", 0)]))
        after = tell(tmp_path / "after", Story([Sample("b", "x", "dog", flagged=True), *ten()], [Found("dark", 0)]))
        assert [number for number, *_ in held(after, "label_errors > 0, dark > 0", before)] == [1, 0]

    def test_one_copy_more_of_a_suspect_is_new(self, tmp_path):
        suspect = Sample("a", "x", "cat", flagged=True)
        before = tell(tmp_path / "before", Story([suspect, *ten()]))
        after = tell(tmp_path / "after", Story([suspect, Sample("b", "x", "cat", flagged=True), *ten()]))
        assert value(after, "label_errors", before) == 1

    def test_estimates_and_scores_are_of_the_whole_run_and_say_so(self, tmp_path):
        before = tell(tmp_path / "before", Story(ten()))
        after = tell(tmp_path / "after", Story(ten()))
        found = held(after, "estimated_errors > 1000, accuracy < 0.5, samples < 1", before)
        assert [number for number, *_ in found] == [143.1, 0.9, 10]
        assert {note for *_, note in found} == {"of the whole run: a baseline does not change it"}

    @pytest.mark.parametrize("outcome", ["failed", "skipped"])
    def test_what_the_baseline_did_not_look_for_may_be_old(self, tmp_path, outcome):
        before = tell(tmp_path / "before", Story(ten(), outcomes={"dark": (outcome, "no memory")}))
        assert "which of 1 are new is not known" in unknown(
            tell(tmp_path / "after", Story(ten(), [Found("dark", 1)])), "dark", before
        )
        assert value(tell(tmp_path / "clean", Story(ten())), "dark", before) == 0

    def test_where_a_check_did_not_apply_before_all_is_new(self, tmp_path):
        before = tell(tmp_path / "before", Story(ten(), outcomes={"dark": ("did not apply", "no pictures")}))
        assert value(tell(tmp_path / "after", Story(ten(), [Found("dark", 1)])), "dark", before) == 1

    def test_labels_of_which_the_baseline_knew_too_little_may_be_old(self, tmp_path):
        before = tell(tmp_path / "before", Story(ten(), estimate={**ESTIMATE, "known": False}))
        after = tell(tmp_path / "after", Story(ten([1])))
        assert "in the baseline models know too little" in unknown(after, "label_errors", before)

    def test_a_run_is_no_baseline_of_itself_nor_of_another_task(self, tmp_path):
        run, numbers = tell(tmp_path / "a", Story(ten())), tell(tmp_path / "b", Story(ten(), task="regression"))
        with pytest.raises(GateError, match="the run itself"):
            hold(run, "dark > 0", run)
        with pytest.raises(GateError, match="is an audit of regression"):
            hold(run, "dark > 0", numbers)


def test_names_of_checks_that_only_the_run_has_are_known(tmp_path):
    run = tell(tmp_path, Story(ten(), [Found("home_made", 2)], checks=["home_made"]))
    assert value(run, "home-made") == 1
    assert "home_made" not in known_names()
    assert "home_made" in known_names(["home_made"])


def test_json_holds_every_limit_with_its_first_offenders(tmp_path):
    run = tell(tmp_path, Story(ten([1, 2]), [Found("class_imbalance", subject="owl", reason="rare")]))
    told = json.loads(
        json.dumps(gate_json(hold(run, "label_errors > 1, class_imbalance > 0, dark > 0")), allow_nan=False)
    )
    assert told["verdict"] == "broken"
    assert (told["run"], told["baseline"], told["samples"]) == (str(tmp_path), None, 10)
    first, second, third = told["limits"]
    assert (first["limit"], first["value"], first["share"], first["verdict"]) == ("label_errors > 1", 2, 0.2, "broken")
    assert first["first"][0] == {"subject": "s1", "row": 1, "reason": "models say owl, not dog"}
    assert second["first"] == [{"subject": "owl", "row": None, "reason": "rare"}]
    assert (third["verdict"], third["first"]) == ("held", [])


def test_runs_whose_files_do_not_fit_together_are_told_to_be_broken(tmp_path):
    run = tell(tmp_path, Story(ten(), [Found("dark", 3)]))
    run.write_table("findings.parquet", run.read_table("findings.parquet").assign(row=99))
    with pytest.raises(RunError, match="names rows that are not there"):
        hold(run, "dark > 0")
    run.write_table("ranking.parquet", run.read_table("ranking.parquet").assign(row=7))
    with pytest.raises(RunError, match="not those of the samples"):
        hold(run, "dark > 0")
    run.write_table("ranking.parquet", run.read_table("ranking.parquet").drop(columns="flagged"))
    with pytest.raises(RunError, match="lacks the column flagged"):
        hold(run, "dark > 0")


def test_a_run_without_measured_contents_goes_by_ids(tmp_path):
    for name in ("before", "after"):
        run = tell(tmp_path / name, Story(ten([1], prefix="s")))
        (run.path / "measurements.parquet").unlink()
    assert value(run, "label_errors", tell(tmp_path / "third", Story(ten([1])))) == 0
