import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from dataclinic.edits import Decision
from dataclinic.errors import DecisionsError
from dataclinic.rundir.decisions import DecisionLog, read_decisions, standing_decisions

LINES = '{"id": "a", "verdict": "relabel", "label": "cat", "content": "12"}\n{"id": "b", "verdict": "keep"}\n'
KEPT = Decision("b", "keep", None, "34", "dog", "2026-08-03T14:00:00+00:00", "Ana", "audit")

ENDLESS = """
import sys
from pathlib import Path
from dataclinic.edits import Decision
from dataclinic.rundir.decisions import DecisionLog

log = DecisionLog(Path(sys.argv[1]))
for number in range(100_000):
    log.append(Decision(f"photo {number}", "drop", content=f"{number:x}" * 50))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "decisions.jsonl"


def test_decisions_are_read_in_their_order(file):
    file.write_text(LINES)
    assert read_decisions(file) == (Decision("a", "relabel", "cat", "12"), Decision("b", "keep"))


def test_no_file_is_no_decision(file):
    assert read_decisions(file) == ()


def test_a_last_line_that_a_crash_cut_off_is_passed_over(file):
    file.write_text(LINES + '{"id": "c", "verd')
    assert len(read_decisions(file)) == 2


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "no JSON",
        '{"verdict": "keep"}',
        '{"id": 3, "verdict": "keep"}',
        '{"id": "a", "verdict": "maybe"}',
        '{"id": "a", "verdict": "relabel"}',
        '{"id": "a", "verdict": "relabel", "label": ["cat"]}',
        '{"id": "a", "verdict": "keep", "origin": "dream"}',
    ],
)
def test_a_broken_line_in_the_middle_is_an_error_that_names_it(file, line):
    file.write_text(line + "\n" + LINES)
    with pytest.raises(DecisionsError, match="line 1 is no decision"):
        read_decisions(file)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(DecisionsError, match="cannot read"):
        read_decisions(tmp_path)


def test_what_is_appended_is_read_back(file):
    hostile = Decision("\udcff\u2028<b>\n", "relabel", 'حقل "x"', "", "猫", "2026-08-03T14:00:00+00:00", "名", "import")
    DecisionLog(file).append(KEPT)
    DecisionLog(file).append(hostile)
    assert read_decisions(file) == (KEPT, hostile)
    assert len(file.read_bytes().splitlines()) == 2


def test_names_stay_readable_in_the_file(file):
    DecisionLog(file).append(Decision("猫.jpg", "relabel", "犬"))
    assert "猫.jpg" in file.read_text(encoding="utf-8")


def test_an_undo_withdraws_the_latest_verdict_on_its_sample_alone(file):
    log = DecisionLog(file)
    first, second = Decision("a", "keep", content="1"), Decision("a", "drop", content="1")
    for decision in (first, KEPT, second):
        log.append(decision)
    log.withdraw(second, "2026-08-03T14:00:00+00:00", "Ana")
    assert read_decisions(file) == (first, KEPT)
    log.withdraw(first, "", "")
    log.withdraw(first, "", "")
    assert read_decisions(file) == (KEPT,)
    log.append(second)
    assert read_decisions(file) == (KEPT, second)


def test_an_undo_is_of_the_content_that_was_decided_on(file):
    log = DecisionLog(file)
    before, after = Decision("a", "keep", content="1"), Decision("a", "drop", content="2")
    log.append(before)
    log.append(after)
    log.withdraw(before, "", "")
    assert read_decisions(file) == (after,)


def test_the_last_decision_on_a_sample_stands():
    changed = replace(KEPT, verdict="drop")
    other = Decision("b", "drop", content="another one")
    assert standing_decisions([KEPT, other, changed]) == (other, changed)


@pytest.mark.parametrize(
    ("end", "kept"),
    [('{"id": "c", "verd', 2), ('{"id": "c", "verdict": "drop"}', 3), ("[1, 2", 2), ("\xc3", 2), ("{" * 10_000, 2)],
    ids=["cut", "whole", "odd", "half a letter", "long"],
)
def test_appending_cuts_off_an_unfinished_last_line_and_nothing_else(file, end, kept):
    file.write_bytes(LINES.encode() + end.encode("latin-1"))
    DecisionLog(file).append(KEPT)
    found = read_decisions(file)
    assert len(found) == kept + 1
    assert found[-1] == KEPT
    assert all(json.loads(line) for line in file.read_bytes().splitlines())


def test_a_file_that_holds_nothing_but_half_a_line_is_begun_anew(file):
    file.write_text('{"id": "c"')
    DecisionLog(file).append(KEPT)
    assert read_decisions(file) == (KEPT,)


def test_killing_the_writer_loses_no_verdict_that_it_acknowledged(file):
    for _ in range(3):
        before = len(read_decisions(file))
        writer = subprocess.Popen([sys.executable, "-c", ENDLESS, str(file)], stdout=subprocess.PIPE, text=True)
        for _ in range(40):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = 40 + len(writer.stdout.read().splitlines())
        writer.wait()
        writer.stdout.close()
        found = [decision.id for decision in read_decisions(file)][before:]
        assert found[:acknowledged] == [f"photo {number}" for number in range(acknowledged)]
        assert len(found) <= acknowledged + 1
        DecisionLog(file).append(KEPT)
        assert read_decisions(file)[-1] == KEPT


def test_writers_at_the_same_time_do_not_mix_their_lines(file):
    def write(name):
        for number in range(30):
            DecisionLog(file).append(Decision(f"{name} {number}", "keep", content="x" * 5000))

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = [decision.id for decision in read_decisions(file)]
    assert sorted(found) == sorted(f"{name} {number}" for name in "abc" for number in range(30))
    assert [name for name in found if name.startswith("a")] == [f"a {number}" for number in range(30)]


def test_what_cannot_be_written_is_an_error_and_leaves_the_file_as_it_was(file, monkeypatch):
    file.write_text(LINES)
    write = os.write

    def full(handle, line):
        return write(handle, line[: len(line) // 2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DecisionsError, match="No space left"):
        DecisionLog(file).append(KEPT)
    monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(DecisionsError, match="Input/output error"):
        DecisionLog(file).append(KEPT)
    assert file.read_text() == LINES


def test_a_folder_that_is_gone_is_an_error(tmp_path):
    with pytest.raises(DecisionsError, match="cannot write"):
        DecisionLog(tmp_path / "gone" / "decisions.jsonl").append(KEPT)


def test_it_notices_what_somebody_else_adds_and_not_what_it_adds_itself(file):
    mine, theirs = DecisionLog(file), DecisionLog(file)
    mine.append(KEPT)
    assert not mine.changed()
    assert theirs.changed()
    assert theirs.read() == (KEPT,)
    theirs.append(KEPT)
    mine.append(KEPT)  # without a look at theirs
    assert mine.changed()
    assert len(mine.read()) == 3
    assert not mine.changed()


def test_replacing_is_refused_where_somebody_added_a_line_meanwhile(file):
    log = DecisionLog(file)
    log.replace([KEPT])
    assert read_decisions(file) == (KEPT,)
    DecisionLog(file).append(KEPT)
    with pytest.raises(DecisionsError, match="somebody added"):
        log.replace([])
    assert len(log.read()) == 2
    log.replace([KEPT])
    assert read_decisions(file) == (KEPT,)
    log.append(KEPT)
    assert len(read_decisions(file)) == 2
