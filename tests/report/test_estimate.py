"""The estimate in words: true to its numbers, plain at both ends, and refused where the file is broken."""

from __future__ import annotations

import pytest
from made_judgement import CLEAN, ESTIMATE
from made_runs import Made, make_run

from dataclinic.errors import RunError
from dataclinic.report.estimate import about, about_percent, power_told, read_label_errors, told, wrong_percent
from dataclinic.report.summary import summarise, summary_json


@pytest.fixture
def estimate_of(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=20, flagged=2, previews=False))

    def read(entry):
        run.write_json("judgement.json", entry)
        return read_label_errors(run)

    return read


def in_words(found) -> str:
    return told(found).replace("\N{NO-BREAK SPACE}", " ")


def test_says_how_many_are_wrong_how_right_the_flags_are_and_what_reviews_find(estimate_of):
    assert in_words(estimate_of(ESTIMATE)) == (
        "About 143 of 1,797 labels are wrong (120–170); of the 150 flagged about 91 % are; "
        "your first 100 reviews will find about 96."
    )


def test_clean_labels_are_told_as_clean_and_nobody_is_sent_to_review(estimate_of):
    assert in_words(estimate_of(CLEAN)) == (
        "The labels look clean: about 2 of 1,797 labels may be wrong (0–6); none stands out enough to be flagged."
    )


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ((0.2, 0.0, 3.1), "The labels look clean: probably none of 1,797 labels is wrong (0–3)"),
        ((0.0, 0.0, 0.0), "The labels look clean: probably none of 1,797 labels is wrong;"),
        ((4.0, 4.0, 4.0), "The labels look clean: about 4 of 1,797 labels may be wrong;"),
    ],
)
def test_hardly_any_errors_have_words_of_their_own(estimate_of, errors, said):
    assert in_words(
        estimate_of({**CLEAN, "errors": dict(zip(("value", "low", "high"), errors, strict=True))})
    ).startswith(said)


def test_what_looks_clean_to_models_that_see_little_is_no_praise(estimate_of):
    found = estimate_of({**CLEAN, "power": {"planted": 240, "found": 0.31}})
    assert in_words(found).startswith("No sign of wrong labels, but most would go unseen: about 2 of 1,797 labels may")
    assert "only 31 % were flagged" in power_told(found).replace("\N{NO-BREAK SPACE}", " ")


def test_one_wrong_one_flagged_and_nothing_judged_read_like_sentences(estimate_of):
    one = {**ESTIMATE, "errors": {"value": 1.2, "low": 0.6, "high": 3.4}, "flagged": 1, "flagged_right": 0.998}
    assert in_words(estimate_of({**one, "reviews": {"count": 10, "found": 0.3}})) == (
        "About 1 of 1,797 labels is wrong (1–3); the one flagged is wrong with a probability of more than 99 %; "
        "your first 10 reviews will find hardly any."
    )
    assert in_words(estimate_of({**ESTIMATE, "judged": 0, "flagged": 0})) == "No given label could be judged."


def test_errors_that_cannot_be_pointed_at_are_told_so(estimate_of):
    found = in_words(estimate_of({**ESTIMATE, "flagged": 0, "flagged_right": None}))
    assert "(120–170); none stands out enough to be flagged; your first 100" in found


def test_flags_without_a_known_share_are_counted_only(estimate_of):
    assert "; 150 are flagged;" in in_words(estimate_of({**ESTIMATE, "flagged_right": None}))


def test_the_power_is_told_in_a_sentence_and_left_out_where_nothing_was_planted(estimate_of):
    told_power = power_told(estimate_of(ESTIMATE)).replace("\N{NO-BREAK SPACE}", " ")
    assert told_power == "Of 240 errors planted in copies of the labels 93 % were flagged."
    assert power_told(estimate_of({**ESTIMATE, "power": None})) == ""
    assert power_told(estimate_of({**ESTIMATE, "power": {"planted": 0, "found": 0.0}})) == ""


@pytest.mark.parametrize(
    ("value", "written"), [(0.4, "0"), (143.1, "143"), (999.4, "999"), (1234.0, "1,230"), (14321.0, "14,300")]
)
def test_an_estimate_has_at_most_three_telling_digits(value, written):
    assert about(value) == written


@pytest.mark.parametrize(
    ("share", "written", "short"),
    [
        (0.914, "91 %", "91 %"),
        (0.9951, "more than 99 %", "> 99 %"),
        (1.0, "100 %", "100 %"),
        (0.004, "less than 1 %", "< 1 %"),
        (0.0, "0 %", "0 %"),
    ],
)
def test_shares_next_to_all_or_nothing_do_not_read_like_it(share, written, short):
    assert about_percent(share).replace("\N{NO-BREAK SPACE}", " ") == written
    assert wrong_percent(share).replace("\N{NO-BREAK SPACE}", " ") == short
    assert wrong_percent(None) == ""


def test_a_run_without_an_estimate_has_none(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=20, flagged=2, previews=False))
    assert read_label_errors(run) is None
    assert summary_json(summarise(run))["label_errors"] is None


def test_the_summary_holds_it_as_it_was_written(tmp_path, estimate_of):
    run = make_run(tmp_path / "other", Made(samples=20, flagged=2, previews=False))
    run.write_json("judgement.json", ESTIMATE)
    assert summary_json(summarise(run))["label_errors"] == ESTIMATE


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ({"errors": {"value": "many", "low": 0.0, "high": 1.0}}, "errors.value"),
        ({"errors": {"value": -1.0, "low": 0.0, "high": 1.0}}, "errors.value"),
        ({"flagged_right": 1.4}, "flagged_right"),
        ({"flagged": 2.5}, "flagged"),
        ({"clean": "yes"}, "clean"),
        ({"weights": {"loss": "much"}}, "weights.loss"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(estimate_of, broken, where):
    with pytest.raises(RunError) as caught:
        estimate_of({**ESTIMATE, **broken})
    assert "judgement.json" in caught.value.message
    assert where in caught.value.message


def test_models_that_know_too_little_are_not_quoted(estimate_of):
    found = estimate_of({**ESTIMATE, "known": False, "flagged": 0, "flagged_right": None})
    judged = f"{ESTIMATE['judged']:,}"
    assert in_words(found) == f"Models know too little to say which of {judged} labels are wrong; none is flagged."
