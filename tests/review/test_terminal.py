import io
import json
import re
from importlib.resources import files

import pytest
from made_reviews import CLASSES, Clock, judged_run
from rich.console import Console

from dataclinic.errors import ReviewError
from dataclinic.review.queue import Filters
from dataclinic.review.session import RERANK_EVERY, Session
from dataclinic.review.shown import Cell, Content, Near, Shown, Side
from dataclinic.review.terminal import review_in_terminal
from dataclinic.rundir.decisions import DECISIONS, DecisionLog, read_decisions

TEXT = Content(text="a text")
HOSTILE = "[bold]<script>\x1b[2J\u202ename\n\tend"


class Made:
    """Shows made-up content of a sample, its labels as the session has them."""

    def __init__(self, session, content):
        self.session, self.content = session, content

    def shown(self, row):
        suspect = self.session.suspect(row)
        suggested = None if suspect.suggested_label == suspect.given_label else suspect.suggested_label
        wrong = suspect.probability
        return Shown(
            row=row,
            id=suspect.id,
            rank=suspect.rank,
            given=suspect.given_label,
            suggested=suggested,
            probability=wrong,
            given_probability=None if wrong is None else 1 - wrong,
            suggested_probability=suspect.suggested_probability,
            self_confidence=0.1,
            loss_nats=2.3,
            reason=suspect.reason,
            checks=suspect.checks,
            content=self.content,
            sides=(Side("given", suspect.given_label, (Near(1, "photo 1", "ant", 0.25, self.content),)),),
            decision=None,
        )


@pytest.fixture
def session(tmp_path):
    return Session(judged_run(tmp_path / "run").run, reviewer="Ana", clock=Clock())


@pytest.fixture
def typed(session, monkeypatch):
    """Review with these lines typed; gives what the screen said and the verdicts."""

    def review(*lines, content=TEXT, language="en", reviewed=session, width=100):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        screen = io.StringIO()
        console = Console(file=screen, width=width)
        review_in_terminal(reviewed, Made(reviewed, content), language, console=console)
        return screen.getvalue(), read_decisions(reviewed.run.path / DECISIONS)

    return review


def _other(session, row):
    suspect = session.suspect(row)
    return next(name for name in CLASSES if name not in {suspect.given_label, suspect.suggested_label})


class TestKeys:
    def test_each_verdict_has_its_key(self, typed, session):
        rows = session.upcoming(Filters(), 4)
        suggested = session.suspect(rows[0]).suggested_label
        _, decisions = typed("", "k", "d", "a", "q")
        assert [decision.verdict for decision in decisions] == ["relabel", "keep", "drop", "ambiguous"]
        assert decisions[0].label == suggested
        assert [decision.id for decision in decisions] == [f"photo {row}" for row in rows]
        assert {decision.reviewer for decision in decisions} == {"Ana"}

    def test_a_digit_or_the_start_of_a_name_is_another_class(self, typed, session):
        first, second = session.upcoming(Filters(), 2)
        names = _other(session, first), _other(session, second)
        _, decisions = typed(f"{CLASSES.index(names[0]) + 1}", "t", f" {names[1][:2].upper()}", "q")
        assert [decision.label for decision in decisions] == list(names)

    def test_skipping_goes_on_and_undoing_goes_back(self, typed, session):
        first, second = session.upcoming(Filters(), 2)
        told, decisions = typed("s", "d", "u", "k", "u", "u", "u", "q")
        assert decisions == ()
        assert f"photo {first}: skipped" in told
        assert f"photo {second}: dropped" in told
        assert f"photo {second}: its verdict is withdrawn" in told
        assert "no verdict that could be withdrawn" in told

    def test_the_filter_takes_a_class_or_a_check_and_plus_goes_beyond(self, typed, session):
        of_class, named = session.left(Filters(label="ant")), session.left(Filters(check="high_loss"))
        told, _ = typed("/", "ANT", "/", "loss", "/", "", "+", "+", "q")
        assert f"{of_class} left  filter: ant" in told
        assert f"{named} left  filter: High loss" in told
        assert "400 left  filter: beyond the suspects" in told
        assert told.count(f"{session.left()} left\n") == 3

    def test_a_name_that_fits_none_or_several_is_said_to(self, typed, session):
        told, decisions = typed("t", "dog", "t", "a", "t", "", "x", "?", "q")
        assert "nothing fits 'dog'" in told
        assert "no such key" in told
        assert "skip; it comes again at the end" in told
        assert len(decisions) == 1  # "a" is the start of "ant" alone
        assert "several fit: ant, cat" in typed("/", "t", "q")[0]

    def test_without_a_suggestion_enter_decides_nothing(self, typed, session):
        session._queue.suspects = session._queue.suspects.copy()
        last = session.upcoming(Filters(beyond=True), 400)[-1]
        session._queue.suspects[:] = False
        session._queue.suspects[last] = True
        told, decisions = typed("", "q")
        assert "no other class is suggested" in told
        assert "no other class is likely" in told
        assert decisions == ()

    def test_when_nothing_is_left_it_says_so_and_keys_of_samples_do_nothing(self, typed, tmp_path):
        few = Session(judged_run(tmp_path / "few", 130).run)
        told, decisions = typed(*"k" * 60, "+", "+", "q", reviewed=few)
        assert "No sample is left here." in told
        assert "Every suspect has its verdict." in told
        assert RERANK_EVERY <= len(decisions) < 60
        assert "the rest was ranked anew" in told

    def test_the_end_of_the_input_ends_the_review(self, typed):
        assert [decision.verdict for decision in typed("d")[1]] == ["drop"]

    def test_a_verdict_that_cannot_be_written_is_said_and_the_sample_stays(self, typed, session, monkeypatch):
        def full(_log, _decision):
            from dataclinic.errors import DecisionsError

            raise DecisionsError.not_written(session.run.path / DECISIONS, OSError(28, "No space left on device"))

        row = session.next()
        monkeypatch.setattr(DecisionLog, "append", full)
        told, decisions = typed("d", "q")
        assert "No space left on device" in " ".join(told.split())
        assert decisions == ()
        assert session.next() == row


class TestScreen:
    def test_a_text_its_labels_and_neighbours_are_shown(self, typed, session):
        suspect = session.suspect(session.next())
        told, _ = typed("q", content=Content(text="It came late.\nAnd broken.", cut=700))
        for part in (
            "It came late.\nAnd broken.\n",
            "700 more characters",
            suspect.given_label,
            suspect.suggested_label,
            "photo 1, distance 0.25",
            "about 1",
            "Label errors",
            "[1] ant   [2] bee   [3] cat",
        ):
            assert part in told

    def test_telling_cells_are_marked_and_stand_beside_their_medians(self, typed):
        cells = (Cell("age", "71", telling=True, given_median="30", suggested_median="69"), Cell("name", "x"))
        told, _ = typed("q", content=Content(cells=cells, columns=40))
        assert re.search(r"◆ +age +71 +30 +69", told)
        assert re.search(r"\n +name +x", told)
        assert "38 more columns" in told

    def test_what_is_missing_is_said(self, typed):
        assert "Nothing to show: the data is gone" in typed("q", content=Content(missing="the data is gone"))[0]

    def test_hostile_names_and_texts_are_shown_and_do_nothing(self, typed, tmp_path):
        judged = judged_run(tmp_path / "hostile")
        ranking = judged.run.read_table("ranking.parquet")
        judged.run.write_table("ranking.parquet", ranking.assign(id=HOSTILE, reason=HOSTILE))
        cells = (Cell(HOSTILE, HOSTILE, telling=True, given_median=HOSTILE, suggested_median=HOSTILE),)
        for content in (Content(text=HOSTILE), Content(cells=cells, columns=1), Content(missing=HOSTILE)):
            told, _ = typed("d", "/", HOSTILE.replace("\n", " "), "q", content=content, reviewed=Session(judged.run))
            assert "[bold]<script>" in told
            assert not {"\x1b", "\u202e"} & set(told)

    def test_long_texts_leave_room_for_the_labels(self, typed):
        told, _ = typed("q", content=Content(text="word " * 4000))
        assert "18,500 more characters" in told
        assert len(told) < 5000

    def test_it_fits_a_narrow_screen(self, typed):
        told, _ = typed("q", content=Content(text="a text"), width=40)
        assert max(map(len, told.splitlines())) <= 40

    def test_chinese(self, typed):
        told, decisions = typed("k", "?", "q", language="zh")
        assert "给定标签" in told
        assert "保留" in told
        assert len(decisions) == 1


def test_numbers_are_corrected_by_typing_them(typed, tmp_path):
    judged = judged_run(tmp_path / "numbers", calibrated=False)
    ranking = judged.run.read_table("ranking.parquet").assign(given_label="12", suggested_label="7")
    judged.run.write_table("ranking.parquet", ranking.assign(target=12.0, prediction=7.0, residual=5.0))
    judged.run.update(dataset={**judged.run.record["dataset"], "classes": [], "task": "regression"})
    told, decisions = typed("", "t", "8.5", "t", "many", "t", "", "1", "q", reviewed=Session(judged.run))
    assert [decision.label for decision in decisions] == ["7", "8.5"]
    assert "'many' is no number" in told
    assert "no such key" in told


def test_pictures_are_left_to_the_page(session):
    session.run.update(dataset={**session.run.record["dataset"], "kind": "images"})
    with pytest.raises(ReviewError, match="pictures") as refused:
        review_in_terminal(session, Made(session, Content(picture=True)))
    assert "without --terminal" in refused.value.hint


def test_both_languages_say_the_same_things_with_the_same_places():
    said = {
        language: json.loads((files("dataclinic.review") / "words" / f"terminal.{language}.json").read_text("utf-8"))
        for language in ("en", "zh")
    }
    assert said["en"].keys() == said["zh"].keys()
    for key, text in said["en"].items():
        other = said["zh"][key]
        if isinstance(text, list):
            assert len(other) == len(text)
        else:
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", other)), key
            assert text != other or not re.search(r"[a-z]{4}", text), key


def test_verdicts_of_an_earlier_review_are_still_there(typed, session):
    typed("d", "q")
    told, decisions = typed("u", "q", reviewed=Session(session.run, reviewer="Ana"))
    assert decisions == ()
    assert "1 decided" in told
