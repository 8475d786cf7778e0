import json
import threading
import time

import numpy as np
import pandas as pd
import pytest
from made_reviews import CLASSES, Clock, judged_run

from dataclinic.edits import Decision
from dataclinic.errors import ReviewError, RunError
from dataclinic.review.queue import AUDIT_EVERY, Filters
from dataclinic.review.session import RERANK_EVERY, Session
from dataclinic.rundir.decisions import DECISIONS, DecisionLog, read_decisions

SUSPECTS = Filters()


@pytest.fixture
def judged(tmp_path):
    return judged_run(tmp_path / "run")


@pytest.fixture
def session(judged):
    return Session(judged.run, reviewer="Ana", clock=Clock())


def _review(session, judged, count, filters=SUSPECTS):
    """Verdicts of somebody who is always right; the rows in their order."""
    rows = []
    for _ in range(count):
        row = session.next(filters)
        if row is None:
            break
        session.decide(row, "relabel" if judged.wrong[row] else "keep", judged.true[row])
        rows.append(row)
    return rows


def _ranking(judged):
    return pd.read_parquet(judged.run.path / "ranking.parquet")


class TestQueue:
    def test_suspects_come_in_the_order_of_the_ranking(self, session, judged):
        ranking = _ranking(judged)
        expected = ranking.loc[ranking["flagged"], "row"].tolist()
        assert session.left() == len(expected)
        assert list(session.upcoming(SUSPECTS, 1000)) == expected
        assert session.next(SUSPECTS) == expected[0]
        assert _review(session, judged, 5) == expected[:5]
        assert session.left() == len(expected) - 5

    def test_beyond_goes_on_down_the_ranking(self, session, judged):
        ranking = _ranking(judged)
        assert list(session.upcoming(Filters(beyond=True), 1000)) == ranking["row"].tolist()
        assert session.left(Filters(beyond=True)) == len(ranking)

    def test_it_ends_when_every_suspect_has_its_verdict(self, session, judged):
        _review(session, judged, 1000)
        assert session.next(SUSPECTS) is None
        assert session.left() == 0
        assert session.standing().advice == "done"
        assert session.next(Filters(beyond=True)) is not None

    def test_filters_keep_a_class_given_or_suggested_and_what_a_check_names(self, session, judged):
        ranking = _ranking(judged).query("flagged")
        of_class = ranking.query("given_label == 'ant' or suggested_label == 'ant'")["row"].tolist()
        assert list(session.upcoming(Filters(label="ant"), 1000)) == of_class
        assert session.left(Filters(label="ant")) == len(of_class)
        named = ranking[ranking["checks"].str.contains("high_loss")]["row"].tolist()
        assert list(session.upcoming(Filters(check="high_loss"), 1000)) == named
        assert session.checks == ("high_loss", "label_errors")

    def test_unknown_filters_are_refused_by_name(self, session):
        with pytest.raises(ReviewError, match="no class 'dog'"):
            session.next(Filters(label="dog"))
        with pytest.raises(ReviewError, match="check 'loss'"):
            session.left(Filters(check="loss"))

    def test_skipped_samples_come_again_at_the_end_the_first_one_first(self, tmp_path):
        judged = judged_run(tmp_path / "in order", calibrated=False)
        session = Session(judged.run)
        rows = session.upcoming(SUSPECTS, 1000)
        session.skip(rows[1])
        session.skip(rows[0])
        assert session.upcoming(SUSPECTS, 1000) == (*rows[2:], rows[1], rows[0])
        assert session.left() == len(rows)
        _review(session, judged, len(rows) - 2)
        assert session.next(SUSPECTS) == rows[1]
        session.skip(rows[1])
        assert session.upcoming(SUSPECTS, 9) == (rows[0], rows[1])


class TestVerdicts:
    def test_a_verdict_is_in_the_file_with_all_that_is_known_of_it(self, tmp_path):
        judged = judged_run(tmp_path / "run", digests=True)
        session = Session(judged.run, reviewer="Ana", clock=Clock())
        row = session.next(SUSPECTS)
        given = session.suspect(row).given_label
        other = next(name for name in CLASSES if name != given)
        recorded = session.decide(row, "relabel", other)
        expected = Decision(
            f"photo {row}", "relabel", other, f"{row:032x}", given, "2026-08-03T14:00:02.000+00:00", "Ana", "queue"
        )
        assert recorded.decision == expected == session.decision_of(row)
        assert read_decisions(judged.run.path / DECISIONS) == (expected,)

    def test_a_label_that_stays_the_same_is_kept(self, session):
        row = session.next(SUSPECTS)
        decision = session.decide(row, "relabel", session.suspect(row).given_label).decision
        assert (decision.verdict, decision.label) == ("keep", None)

    @pytest.mark.parametrize(
        ("row", "verdict", "label", "why"),
        [
            (-1, "keep", None, "no sample in row -1"),
            (400, "keep", None, "no sample in row 400"),
            ("3", "keep", None, "no sample in row 3"),
            (True, "keep", None, "no sample in row True"),
            (3, "undo", None, "no verdict 'undo'"),
            (3, "relabel", "dog", "no class 'dog'"),
            (3, "relabel", None, "no label is given"),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_not_recorded(self, session, row, verdict, label, why):
        with pytest.raises(ReviewError, match=why):
            session.decide(row, verdict, label)
        assert not (session.run.path / DECISIONS).exists()

    def test_a_later_verdict_takes_the_place_of_an_earlier_one(self, session):
        row = session.next(SUSPECTS)
        session.decide(row, "keep")
        session.decide(row, "drop")
        standing = session.standing()
        assert (standing.kept, standing.dropped) == (0, 1)
        assert session.undo().row == row
        assert session.decision_of(row).verdict == "keep"

    def test_whoever_comes_back_finds_verdicts_order_and_standing(self, session, judged):
        rows = _review(session, judged, RERANK_EVERY + 7)
        again = Session(judged.run, reviewer="Ana", clock=Clock())
        assert [again.decision_of(row) for row in rows] == [session.decision_of(row) for row in rows]
        assert again.upcoming(SUSPECTS, 400) == session.upcoming(SUSPECTS, 400)
        assert again.standing() == session.standing()
        assert again.standing().reranked == 1

    def test_what_another_program_decides_is_taken_up(self, session, judged):
        other = Session(judged.run, reviewer="Ben")
        row = session.next(SUSPECTS)
        other.decide(row, "drop")
        assert session.next(SUSPECTS) != row
        assert session.decision_of(row).reviewer == "Ben"
        assert session.undo() is None  # it is not one's own
        assert other.undo().row == row
        assert session.next(SUSPECTS) == row

    def test_a_sample_under_another_name_is_found_by_its_content(self, tmp_path):
        judged = judged_run(tmp_path / "run", digests=True)
        log = DecisionLog(judged.run.path / DECISIONS)
        log.append(Decision("its old name", "drop", content=f"{7:032x}"))
        log.append(Decision("photo 8", "keep", content=f"{9:032x}"))
        log.append(Decision("photo 10", "keep", content="of a picture that is gone"))
        log.append(Decision("photo 11", "keep"))
        log.append(Decision("\udcff not Unicode", "keep"))
        session = Session(judged.run)
        decided = {row: session.decision_of(row).verdict for row in range(400) if session.decision_of(row)}
        assert decided == {7: "drop", 9: "keep", 11: "keep"}

    def test_threads_lose_no_verdict(self, session):
        rows = session.upcoming(Filters(beyond=True), 60)

        def decide(part):
            for row in part:
                session.decide(row, "keep")

        threads = [threading.Thread(target=decide, args=(rows[start::4],)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert session.standing().kept == 60
        assert len(read_decisions(session.run.path / DECISIONS)) == 60


class TestUndo:
    def test_it_withdraws_verdict_after_verdict_and_says_which(self, session, judged):
        rows = _review(session, judged, 3)
        assert [session.undo().row for _ in rows] == [*reversed(rows)]
        assert session.undo() is None
        assert session.next(SUSPECTS) == rows[0]
        assert read_decisions(judged.run.path / DECISIONS) == ()
        assert len((judged.run.path / DECISIONS).read_text().splitlines()) == 6

    def test_it_leaves_what_another_person_said_later_of_the_same_sample(self, session, judged):
        row = session.next(SUSPECTS)
        session.decide(row, "keep")
        Session(judged.run, reviewer="Ben").decide(row, "drop")
        assert session.undo().decision.verdict == "keep"
        for review in (session, Session(judged.run, reviewer="Ana")):
            assert (review.decision_of(row).reviewer, review.decision_of(row).verdict) == ("Ben", "drop")
        assert [one.reviewer for one in read_decisions(judged.run.path / DECISIONS)] == ["Ben"]

    def test_it_goes_back_to_before_a_restart(self, session, judged):
        row = _review(session, judged, 1)[0]
        again = Session(judged.run, reviewer="Ana")
        assert again.undo().row == row
        assert again.decision_of(row) is None

    def test_imported_verdicts_and_those_of_others_stay(self, judged):
        log = DecisionLog(judged.run.path / DECISIONS)
        log.append(Decision("photo 3", "drop", reviewer="Ana", origin="import"))
        log.append(Decision("photo 4", "drop", reviewer="Ben"))
        session = Session(judged.run, reviewer="Ana")
        assert session.undo() is None
        assert session.standing().dropped == 2


class TestAuditSample:
    def test_every_fifth_place_is_of_a_random_sample_that_is_the_same_after_a_restart(self, judged):
        session = Session(judged.run, audit_sample=12, clock=Clock())
        rows = _review(session, judged, 20)
        origins = [session.decision_of(row).origin for row in rows]
        assert [place for place, origin in enumerate(origins, start=1) if origin == "audit"] == [5, 10, 15, 20]
        again = Session(judged.run, audit_sample=12)
        assert again.upcoming(SUSPECTS, 30) == session.upcoming(SUSPECTS, 30)

    def test_when_the_suspects_are_used_up_the_rest_of_it_comes(self, judged):
        session = Session(judged.run, audit_sample=200, clock=Clock())
        rows = _review(session, judged, 1000)
        assert len(set(rows)) == len(rows)
        assert session.standing().audit.of == 200
        assert session.standing().audit.value == pytest.approx(judged.wrong[session._permuted[:200]].mean())
        assert session.left() == 0

    def test_no_sample_is_asked_about_twice(self, judged):
        session = Session(judged.run, audit_sample=100)
        places = session.upcoming(SUSPECTS, 1000)
        assert len(set(places)) == len(places) == session.left()

    def test_it_follows_the_filter(self, judged):
        session = Session(judged.run, audit_sample=100)
        for row in session.upcoming(Filters(label="ant"), 1000):
            assert "ant" in {session.suspect(row).given_label, CLASSES[session._ranked.suggested[row]]}

    def test_a_sample_larger_than_the_data_is_all_of_it(self, judged):
        assert Session(judged.run, audit_sample=10**9).standing().audit_size == 400


class TestReranking:
    def test_after_every_25_verdicts_the_rest_is_ranked_anew(self, session, judged):
        before = session.upcoming(SUSPECTS, 400)
        for number in range(1, 2 * RERANK_EVERY + 1):
            row = session.next(SUSPECTS)
            told = session.decide(row, "relabel" if judged.wrong[row] else "keep", judged.true[row])
            assert told.reranked == (number % RERANK_EVERY == 0)
        assert session.standing().reranked == 2
        after = session.upcoming(SUSPECTS, 400)
        assert [row for row in before if row in set(after)] != list(after)

    def test_what_verdicts_exonerate_is_no_suspect_any_more(self, session, judged):
        rows = _review(session, judged, 3 * RERANK_EVERY)
        left = session.upcoming(SUSPECTS, 400)
        beforehand = _ranking(judged).set_index("row")
        bees = [row for row in left if beforehand.loc[row, "given_label"] == "bee"]
        likely = beforehand["flagged"] & (beforehand["given_label"] == "bee")
        assert len(bees) < likely.sum() - sum(likely[row] for row in rows)
        assert all(session.suspect(row).probability > 0.5 for row in left)

    def test_it_finds_more_errors(self, tmp_path):
        found = []
        for seed in range(4):
            judged = judged_run(tmp_path / f"{seed}", 1500, seed=seed)
            session = Session(judged.run)
            rows = _review(session, judged, 250, Filters(beyond=True))
            fixed = _ranking(judged)["row"].to_numpy()[:250]
            found.append((judged.wrong[rows].sum(), judged.wrong[fixed].sum()))
        assert all(anew > fixed for anew, fixed in found)

    def test_probability_and_suggestion_follow_the_verdicts(self, session, judged):
        row = session.upcoming(SUSPECTS, 100)[40]
        before = session.suspect(row)
        _review(session, judged, RERANK_EVERY)
        after = session.suspect(row)
        assert after.probability != before.probability
        if after.suggested_label != after.given_label:
            assert after.suggested_probability == pytest.approx(0.9 * after.probability)

    def test_ambiguous_verdicts_change_nothing(self, session):
        before = session.upcoming(SUSPECTS, 400)
        for row in before[:RERANK_EVERY]:
            assert not session.decide(row, "ambiguous").reranked
        assert session.upcoming(SUSPECTS, 400) == before[RERANK_EVERY:]

    def test_without_probabilities_the_order_stays(self, tmp_path):
        judged = judged_run(tmp_path / "run", calibrated=False)
        session = Session(judged.run)
        before = session.upcoming(SUSPECTS, 400)
        _review(session, judged, RERANK_EVERY)
        assert session.upcoming(SUSPECTS, 400) == before[RERANK_EVERY:]
        assert session.standing().reranked == 0


class TestNumbers:
    @pytest.fixture
    def numbers(self, tmp_path):
        judged = judged_run(tmp_path / "run", calibrated=False)
        ranking = _ranking(judged).assign(given_label="12.5", suggested_label="7", target=12.5)
        judged.run.write_table("ranking.parquet", ranking.assign(prediction=7.0, residual=5.5))
        dataset = {**judged.run.record["dataset"], "classes": [], "task": "regression"}
        judged.run.update(dataset=dataset)
        return Session(judged.run)

    def test_they_are_reviewed_in_the_order_of_the_ranking(self, numbers):
        assert numbers.classes == ()
        row = numbers.next(SUSPECTS)
        assert numbers.suspect(row).suggested_label == "7"
        assert numbers.decide(row, "relabel", " 7.50 ").decision.label == "7.5"
        assert numbers.decide(numbers.next(SUSPECTS), "relabel", "12.50").decision.verdict == "keep"

    @pytest.mark.parametrize("text", ["many", "nan", "inf", "", "1e999"])
    def test_what_is_no_number_is_refused(self, numbers, text):
        with pytest.raises(ReviewError, match="is no number"):
            numbers.decide(numbers.next(SUSPECTS), "relabel", text)


def test_a_sample_that_nobody_judged_is_told_as_it_is(tmp_path):
    judged = judged_run(tmp_path / "run")
    ranking = _ranking(judged)
    unknown = ["suspicion", "probability", "self_confidence", "signal_telling"]
    ranking.loc[ranking.index[-1], unknown] = np.nan
    judged.run.write_table("ranking.parquet", ranking)
    session = Session(judged.run)
    row = int(ranking["row"].iloc[-1])
    _review(session, judged, RERANK_EVERY)
    assert session.suspect(row).probability is None
    assert session.upcoming(Filters(beyond=True), 1000)[-1] == row
    session.decide(row, "drop")
    assert session.standing().dropped == 1


def test_samples_that_become_suspect_are_given_the_class_that_the_judgement_names(tmp_path):
    judged = judged_run(tmp_path / "run")
    ranking = _ranking(judged)
    by_row = ranking.sort_values("row")
    suggested = (np.searchsorted(CLASSES, by_row["given_label"].to_numpy(str)) + 1) % 3
    told = {"suggested": suggested, "probability": by_row["probability"].to_numpy()}
    told["suggested_probability"] = 0.8 * told["probability"]
    judged.run.write_table("judgement.parquet", pd.DataFrame(told))
    session = Session(judged.run)
    row = next(
        int(row)
        for row in ranking["row"]
        if session.suspect(int(row)).suggested_label in CLASSES and row not in set(session.upcoming(SUSPECTS, 400))
    )
    session._queue.suspects = np.ones(400, bool)
    assert session.suspect(row).suggested_label == CLASSES[suggested[row]]
    assert session.suspect(row).suggested_probability == pytest.approx(0.8 * session.suspect(row).probability)


@pytest.mark.parametrize("damage", ["rows", "column", "file"])
def test_a_broken_ranking_is_an_error(judged, damage):
    ranking = _ranking(judged)
    if damage == "file":
        (judged.run.path / "ranking.parquet").write_bytes(b"PAR1")
    else:
        changed = ranking.assign(row=0) if damage == "rows" else ranking.drop(columns="suspicion")
        judged.run.write_table("ranking.parquet", changed)
    with pytest.raises(RunError, match=r"ranking\.parquet"):
        Session(judged.run)


def test_two_hundred_thousand_samples_answer_at_once(tmp_path):
    judged = judged_run(tmp_path / "run", 200_000)
    session = Session(judged.run, audit_sample=100)
    slowest = 0.0
    for _ in range(10):
        started = time.perf_counter()
        row = session.next(SUSPECTS)
        session.upcoming(SUSPECTS, 4)
        session.standing()
        slowest = max(slowest, time.perf_counter() - started)
        session.decide(row, "keep")
    assert slowest < 0.25, "0.01 s where nothing else runs"


def test_every_fifth_place_is_the_constant_that_the_docs_name():
    assert (AUDIT_EVERY, RERANK_EVERY) == (5, 25)


def test_the_file_holds_one_object_a_line(session, judged):
    _review(session, judged, 3)
    entries = [json.loads(line) for line in (judged.run.path / DECISIONS).read_text().splitlines()]
    keys = {"id", "verdict", "label", "content", "given", "time", "reviewer", "origin"}
    assert all(set(entry) == keys for entry in entries)
