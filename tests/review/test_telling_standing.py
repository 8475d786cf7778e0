import numpy as np
import pytest
from made_reviews import Clock, judged_run

from dataclinic.edits import Decision
from dataclinic.methods.exact_interval import exact_interval
from dataclinic.review.queue import Filters
from dataclinic.review.session import Session
from dataclinic.review.telling_standing import Verdicts, audit_share, pace_seconds
from dataclinic.rundir.decisions import DECISIONS, DecisionLog
from dataclinic.seeding import rng_for

SUSPECTS = Filters()


def _review(session, judged, count, filters=SUSPECTS):
    for _ in range(count):
        row = session.next(filters)
        if row is None:
            return
        session.decide(row, "relabel" if judged.wrong[row] else "keep", judged.true[row])


def _verdict(row, wrong, origin="queue"):
    return row, Decision(str(row), "drop" if wrong else "keep", origin=origin)


def _random_order(*rows):
    return np.array(rows, np.int64)


class TestPrecision:
    def test_it_is_the_exact_share_of_errors_among_the_reviewed_suspects(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        session = Session(judged.run, clock=Clock())
        assert session.standing().precision is None
        rows = session.upcoming(SUSPECTS, 20)
        _review(session, judged, 20)
        found = session.standing().precision
        hits = int(judged.wrong[list(rows)].sum())
        assert (found.value, found.of) == (hits / 20, 20)
        assert (found.low, found.high) == exact_interval(hits, 20)

    def test_ambiguous_ones_the_random_sample_and_samples_beyond_do_not_count(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        session = Session(judged.run, audit_sample=40, clock=Clock())
        for _ in range(15):
            session.decide(session.next(SUSPECTS), "ambiguous")
        assert session.standing().precision is None
        assert session.standing().audit is None
        last = session.upcoming(Filters(beyond=True), 400)[-1]
        session.decide(last, "drop")
        assert session.standing().precision is None


class TestAudit:
    def test_nothing_is_told_before_a_sample_of_it_was_asked_about(self):
        verdicts = Verdicts((_verdict(3, wrong=True),), None, _random_order(3, 4, 5))
        assert audit_share(verdicts, 3) is None
        assert audit_share(Verdicts((), None, _random_order(3)), 0) is None

    def test_it_ends_at_the_first_sample_without_a_verdict(self):
        decided = (_verdict(4, wrong=False, origin="audit"), _verdict(3, wrong=True), _verdict(9, wrong=True))
        found = audit_share(Verdicts(decided, None, _random_order(3, 4, 5, 9)), 4)
        assert (found.value, found.of) == (0.5, 2)

    def test_one_that_the_queue_decided_whole_counts_too(self):
        decided = (_verdict(3, wrong=True), _verdict(4, wrong=False))
        assert audit_share(Verdicts(decided, None, _random_order(3, 4, 5)), 2).of == 2
        assert audit_share(Verdicts(decided, None, _random_order(3, 4, 5)), 3) is None

    def test_it_is_unbiased_where_a_count_of_the_decided_ones_is_not(self):
        # 60 of 300 samples are wrong, 40 of them suspects, all decided on. The reviewer stops in the middle.
        rng = rng_for(0, "audit")
        wrong = np.zeros(300, bool)
        wrong[:45] = wrong[100:115] = True
        told, naive = [], []
        for _ in range(800):
            permuted = rng.permutation(300)
            suspects, asked = set(range(40)), set()
            for row in permuted.tolist():
                if len(asked) == 8:
                    break
                if row not in suspects:
                    asked.add(row)
            decided = [_verdict(row, wrong[row]) for row in suspects]
            decided += [_verdict(row, wrong[row], origin="audit") for row in asked]
            told.append(audit_share(Verdicts(tuple(decided), None, permuted), 50).value)
            seen = [row for row in permuted[:50].tolist() if row in suspects | asked]
            naive.append(wrong[seen].mean())
        error = np.std(told) / np.sqrt(len(told))
        assert np.mean(told) == pytest.approx(0.2, abs=3.5 * error)
        assert np.mean(naive) > 0.35


class TestErrorsLeft:
    def test_at_first_it_is_the_estimate_of_the_run(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        left, told = Session(judged.run).standing().errors_left, judged.run.read_json("judgement.json")["errors"]
        assert (left.value, left.low, left.high) == pytest.approx((told["value"], told["low"], told["high"]))

    def test_verdicts_take_away_what_they_found_and_narrow_the_range(self, tmp_path):
        judged = judged_run(tmp_path / "run", 2000)
        session = Session(judged.run, clock=Clock())
        before = session.standing().errors_left
        _review(session, judged, 200, Filters(beyond=True))
        after = session.standing().errors_left
        assert after.value < before.value - 50
        assert after.high - after.low < 0.9 * (before.high - before.low)
        assert after.low <= after.value <= after.high

    def test_the_range_holds_what_is_left(self, tmp_path):
        held = 0
        for seed in range(6):
            judged = judged_run(tmp_path / str(seed), 1000, seed=seed, pattern=False)
            session = Session(judged.run, audit_sample=60 * (seed % 2))
            _review(session, judged, 100, Filters(beyond=True))
            left = session.standing().errors_left
            true = sum(judged.wrong[row] for row in range(1000) if session.decision_of(row) is None)
            held += left.low <= true <= left.high
        assert held >= 5

    def test_the_random_sample_overrules_an_estimate_that_it_contradicts(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        session = Session(judged.run, audit_sample=400, clock=Clock())
        for row in session._permuted[:60].tolist():
            session._shown_for_audit.add(row)
            session.decide(row, "drop")
        standing = session.standing()
        assert standing.audit.value == 1
        assert standing.errors_left.low >= standing.audit.low * 400 - 60

    def test_without_an_estimate_of_the_run_there_is_none(self, tmp_path):
        judged = judged_run(tmp_path / "run", calibrated=False)
        assert Session(judged.run).standing().errors_left is None
        judged = judged_run(tmp_path / "unknown")
        judgement = judged.run.read_json("judgement.json")
        judged.run.write_json("judgement.json", {**judgement, "known": False})
        assert Session(judged.run).standing().errors_left is None


class TestAdvice:
    def test_it_foretells_the_next_25_by_their_probabilities(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        session = Session(judged.run)
        standing = session.standing()
        expected = sum(session.suspect(row).probability for row in session.upcoming(SUSPECTS, 25))
        assert standing.next_count == 25
        assert standing.next_errors == pytest.approx(expected)
        assert standing.advice == "go on"

    def test_it_says_stop_when_the_next_ones_are_mostly_right(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        ranking = judged.run.read_table("ranking.parquet")
        judged.run.write_table("ranking.parquet", ranking.assign(flagged=True, probability=0.05))
        assert Session(judged.run).standing().advice == "stop"
        judged.run.write_table("ranking.parquet", ranking.assign(flagged=True, probability=0.15))
        assert Session(judged.run).standing().advice == "go on"

    def test_when_no_suspect_is_left_it_foretells_those_beyond(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        ranking = judged.run.read_table("ranking.parquet")
        judged.run.write_table("ranking.parquet", ranking.assign(flagged=False))
        standing = Session(judged.run).standing()
        assert standing.advice == "done"
        assert standing.next_errors == pytest.approx(ranking["probability"].head(25).sum())

    def test_without_probabilities_it_goes_by_the_latest_25_verdicts(self, tmp_path):
        judged = judged_run(tmp_path / "run", calibrated=False)
        session = Session(judged.run)
        for _ in range(24):
            session.decide(session.next(), "keep")
            assert session.standing().next_errors is None
        session.decide(session.next(), "drop")
        assert session.standing().next_errors == pytest.approx(1)
        assert session.standing().advice == "stop"


class TestPace:
    def test_it_is_the_median_time_of_a_verdict(self, tmp_path):
        judged = judged_run(tmp_path / "run")
        session = Session(judged.run, clock=Clock(3.0))
        _review(session, judged, 1)
        assert session.standing().pace_seconds is None
        _review(session, judged, 9)
        assert session.standing().pace_seconds == pytest.approx(3.0)

    def test_breaks_imports_other_people_and_odd_times_do_not_count(self):
        def at(time, **changes):
            return Decision("x", "keep", time=f"2026-08-03T{time}+00:00", **{"reviewer": "Ana", **changes})

        decisions = [
            at("14:00:00"),
            at("14:00:04"),
            at("14:00:05", reviewer="Ben"),
            at("14:00:06", origin="import"),
            at("16:00:00"),
            at("16:00:06"),
            Decision("x", "keep", time="yesterday", reviewer="Ana"),
        ]
        assert pace_seconds(decisions) == pytest.approx(5.0)
        assert pace_seconds([]) is None


def test_counts_are_of_verdicts_that_stand_on_samples_of_the_run(tmp_path):
    judged = judged_run(tmp_path / "run")
    log = DecisionLog(judged.run.path / DECISIONS)
    for verdict, label in (("keep", None), ("relabel", "ant"), ("drop", None), ("ambiguous", None)):
        log.append(Decision(f"photo {len(verdict)}", verdict, label))
    log.append(Decision("photo 4", "drop"))
    log.append(Decision("a sample of another run", "drop"))
    standing = Session(judged.run).standing()
    assert (standing.relabelled, standing.kept, standing.dropped, standing.ambiguous) == (1, 0, 1, 1)
