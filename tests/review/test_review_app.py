"""What the page is told: the next sample, where the review stands, and what is wrong with a request."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import anyio
import pytest
from made_audits import (
    HOME,
    SUSPECTS,
    TOKEN,
    client_of,
    make_pictures,
    make_table,
    make_texts,
    opened,
    review_of,
    without,
)

from dataclinic.errors import DecisionsError
from dataclinic.rundir.decisions import DECISIONS, read_decisions

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_runs import HOSTILE, Made, make_run

STATE = {"sample", "left", "upcoming", "standing", "reranked", "undone", "notice"}


@pytest.fixture
def table(tmp_path):
    return review_of(make_table(tmp_path))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """For tests that record nothing."""
    return review_of(make_table(tmp_path_factory.mktemp("untouched")))


def test_says_what_is_reviewed(table):
    assert table.client.get("/api/session").json() == {
        "run": "run",
        "source": str(table.run.path.parent / "table.csv"),
        "task": "classification",
        "kind": "table",
        "classes": ["cat", "dog"],
        "checks": [{"id": "high_loss", "title": "High loss"}, {"id": "label_errors", "title": "Label errors"}],
        "reviewer": "ann",
        "samples": 60,
        "total": 60,
        "language": None,
        "rerank_every": 25,
    }


def test_begins_with_the_most_suspect_sample(untouched):
    state = untouched.next()
    assert set(state) == STATE
    sample = state["sample"]
    assert (sample["row"], sample["given"], sample["suggested"]) == (0, "cat", "dog")
    assert sample["checks"] == [{"id": "label_errors", "title": "Label errors"}]
    assert (state["left"], state["upcoming"]) == (SUSPECTS, [1, 2, 3])
    assert state["standing"]["advice"] == "go on"


def test_a_verdict_is_on_disk_and_the_next_sample_in_the_answer(table):
    answer = table.post("/api/verdicts", row=0, verdict="relabel", label="dog")
    assert answer.status_code == 200
    (decision,) = read_decisions(table.run.path / DECISIONS)
    assert (decision.verdict, decision.label, decision.given, decision.reviewer) == ("relabel", "dog", "cat", "ann")
    state = answer.json()
    assert (state["sample"]["row"], state["left"], state["standing"]["relabelled"]) == (1, SUSPECTS - 1, 1)


def test_a_verdict_says_when_the_queue_was_ranked_anew(tmp_path):
    review = review_of(make_table(tmp_path, rows=200))
    told = [review.post("/api/verdicts", row=row, verdict="keep").json()["reranked"] for row in range(25)]
    assert told == [False] * 24 + [True]


def test_filters_hold_for_the_sample_after_a_verdict(table):
    filters = {"label": None, "check": "high_loss", "beyond": False}
    first = table.next(check="high_loss")
    assert first["left"] == 8
    state = table.post("/api/verdicts", row=first["sample"]["row"], verdict="drop", filters=filters).json()
    assert state["left"] == 7
    assert {"id": "high_loss", "title": "High loss"} in state["sample"]["checks"]


def test_beyond_goes_on_with_samples_that_are_no_suspects(untouched):
    assert untouched.next(beyond="1")["left"] == 60
    assert untouched.next(beyond="0")["left"] == SUSPECTS


def test_a_skipped_sample_comes_again_at_the_end(table):
    state = table.post("/api/skip", row=0).json()
    assert (state["sample"]["row"], state["left"]) == (1, SUSPECTS)
    for row in range(1, SUSPECTS):
        state = table.post("/api/verdicts", row=row, verdict="keep").json()
    assert (state["sample"]["row"], state["left"]) == (0, 1)


def test_undo_brings_the_sample_back_with_the_verdict_that_was_withdrawn(table):
    table.post("/api/verdicts", row=0, verdict="relabel", label="dog")
    table.post("/api/verdicts", row=1, verdict="drop")
    state = table.post("/api/undo").json()
    assert (state["sample"]["row"], state["undone"]["verdict"]) == (1, "drop")
    assert 1 not in state["upcoming"]
    state = table.post("/api/undo").json()
    assert (state["sample"]["row"], state["undone"]["label"]) == (0, "dog")
    assert read_decisions(table.run.path / DECISIONS) == ()


def test_undo_of_nothing_is_the_next_sample(untouched):
    state = untouched.post("/api/undo").json()
    assert (state["sample"]["row"], state["undone"]) == (0, None)


def test_the_last_verdict_leaves_no_sample(table):
    for row in range(SUSPECTS):
        state = table.post("/api/verdicts", row=row, verdict="ambiguous").json()
    assert (state["sample"], state["left"], state["upcoming"]) == (None, 0, [])
    assert state["standing"]["advice"] == "done"


def test_any_sample_can_be_looked_at(table):
    table.post("/api/verdicts", row=30, verdict="keep")
    sample = table.client.get("/api/samples/30").json()["sample"]
    assert (sample["row"], sample["decision"]["verdict"]) == (30, "keep")


@pytest.mark.parametrize("row", ["60", "-1", "x", "1.0", "٣", "9" * 5000, "0x1"])
def test_a_row_that_there_is_not_is_refused(untouched, row):
    for path in (f"/api/samples/{row}", f"/api/pictures/{row}"):
        answer = untouched.client.get(path)
        assert answer.status_code == 400
        assert set(answer.json()) == {"error", "hint"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/verdicts", {"row": 60, "verdict": "keep"}),
        ("/api/verdicts", {"row": -1, "verdict": "keep"}),
        ("/api/verdicts", {"row": True, "verdict": "keep"}),
        ("/api/verdicts", {"row": "0", "verdict": "keep"}),
        ("/api/verdicts", {"row": 0.0, "verdict": "keep"}),
        ("/api/verdicts", {"row": 10**30, "verdict": "keep"}),
        ("/api/verdicts", {"row": 0, "verdict": "undo"}),
        ("/api/verdicts", {"row": 0, "verdict": None}),
        ("/api/verdicts", {"row": 0}),
        ("/api/verdicts", {"row": 0, "verdict": "relabel"}),
        ("/api/verdicts", {"row": 0, "verdict": "relabel", "label": "cow"}),
        ("/api/verdicts", {"row": 0, "verdict": "relabel", "label": 3}),
        ("/api/verdicts", {"row": 0, "verdict": "keep", "filters": {"beyond": "yes"}}),
        ("/api/verdicts", [1, 2]),
        ("/api/skip", {"row": 60}),
        ("/api/skip", {}),
        ("/api/undo", {"filters": []}),
    ],
)
def test_a_request_that_makes_no_sense_says_so_and_records_nothing(untouched, path, body):
    answer = untouched.client.post(path, json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "hint"}
    assert not (untouched.run.path / DECISIONS).exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 60_000, b"\xff\xfe", b"nonsense", b'{"row": 1e999}'])
def test_a_body_that_is_no_json_says_so(untouched, body):
    answer = untouched.client.post("/api/verdicts", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "cannot be understood" in answer.json()["error"]


def test_a_filter_for_what_there_is_not_says_so(untouched):
    assert "'cow'" in untouched.client.get("/api/next", params={"label": "cow"}).json()["error"]
    assert "'zap'" in untouched.client.get("/api/next", params={"check": "zap"}).json()["error"]


def test_a_wrong_filter_beside_a_good_verdict_records_nothing(untouched):
    """The page would hear of an error, and the person would decide once more."""
    answer = untouched.post("/api/verdicts", row=0, verdict="keep", filters={"label": "cow"})
    assert answer.status_code == 400
    assert not (untouched.run.path / DECISIONS).exists()


def test_a_verdict_that_cannot_be_written_is_an_error(table, monkeypatch):
    def full(*_):
        raise DecisionsError.not_written(table.run.path / DECISIONS, OSError(28, "No space left on device"))

    monkeypatch.setattr(table.session, "decide", full)
    answer = table.post("/api/verdicts", row=0, verdict="keep")
    assert answer.status_code == 409
    assert "No space left on device" in answer.json()["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2fapp.py",
        "/static/..%5capp.py",
        "/static/%252e%252e%252fapp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/review.js%00.html",
        "/static/review.js/",
        "/static/REVIEW.HTML",
        "/static/",
        "/static",
        "/static/..",
        "/words/page.en.json",
        "/api/words/page.en.json",
        "/api/words/..%2fpage.en.json",
        "/api/words/fr",
        "/app.py",
        "/../../etc/passwd",
        "//etc/passwd",
    ],
)
def test_nothing_but_the_files_of_the_page_is_given_out(untouched, path):
    """Asked without a client that would tidy the path up before."""
    status, content = asked_raw(untouched.client.app, path)
    assert status == 404
    assert set(json.loads(content)) == {"error", "hint"}


def asked_raw(app, path):
    """The status and body of a GET, the path decoded as a server does it."""
    headers = [(b"host", HOME[7:].encode()), (b"authorization", f"Bearer {TOKEN}".encode())]
    scope = {"type": "http", "method": "GET", "path": unquote(path), "query_string": b"", "headers": headers}
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    anyio.run(app, scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_methods_belong_to_their_paths(untouched):
    assert untouched.client.get("/api/verdicts").status_code == 405
    assert untouched.client.post("/api/next", json={}).status_code == 405


@pytest.mark.parametrize("size", ["large", "small"])
def test_pictures_are_encoded_anew(tmp_path, size):
    review = review_of(make_pictures(tmp_path))
    answer = review.client.get("/api/pictures/3", params={"size": size})
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert opened(answer.content).size == (64, 32)


def test_a_file_that_is_no_picture_never_reaches_the_browser(tmp_path):
    review = review_of(make_pictures(tmp_path))
    row = next(row for row in range(40) if "blue/0.png" in review.session.suspect(row).id)
    answer = review.client.get(f"/api/pictures/{row}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert b"svg" not in answer.content
    assert review.client.get(f"/api/samples/{row}").json()["sample"]["content"]["missing"]


def test_a_size_that_there_is_not_is_refused(untouched):
    assert untouched.client.get("/api/pictures/0", params={"size": "99999"}).status_code == 400


def test_a_text_is_sent_as_it_stands(tmp_path):
    review = review_of(make_texts(tmp_path))
    content = review.client.get("/api/samples/3").json()["sample"]["content"]
    assert content["text"] == "text number 3 <b>bold</b>\nsecond line"


@pytest.mark.parametrize("kind", ["images", "table", "texts"])
def test_hostile_names_come_back_as_they_are(tmp_path, kind):
    classes = HOSTILE[:7]
    run = make_run(tmp_path / "run", Made(kind, samples=30, classes=classes, flagged=10, hostile_ids=True))
    review = review_of(run)
    answer = review.client.get("/api/session")
    assert answer.content.isascii()
    assert answer.json()["classes"] == list(classes)
    for row in range(30):
        sample = review.client.get(f"/api/samples/{row}").json()["sample"]
        assert sample["id"] == f"{HOSTILE[row % len(HOSTILE)]} {row}"
        assert sample["given"] in HOSTILE
        body = {"row": row, "verdict": "relabel", "label": classes[row % len(classes)]}
        headers = {"content-type": "application/json"}
        assert review.client.post("/api/verdicts", content=json.dumps(body), headers=headers).status_code == 200
        decision = review.client.get(f"/api/samples/{row}").json()["sample"]["decision"]
        assert decision["id"] == sample["id"]
        assert (decision["label"] or sample["given"]) == classes[row % len(classes)]


def test_says_why_previews_are_shown(tmp_path):
    run = make_table(tmp_path)
    (tmp_path / "table.csv").unlink()
    assert "is not at" in review_of(run).next()["notice"]


def test_a_broken_file_of_the_run_is_an_error_in_words(tmp_path):
    run = make_table(tmp_path)
    (run.path / "neighbours.npz").write_bytes(b"broken")
    answer = review_of(run).client.get("/api/next")
    assert answer.status_code == 400
    assert "neighbours.npz" in answer.json()["error"]


def test_a_run_without_measurements_and_neighbours_is_reviewed_all_the_same(tmp_path):
    review = review_of(without(make_table(tmp_path), "neighbours.npz", "measurements.parquet"))
    sample = review.next()["sample"]
    assert sample["sides"] == []
    assert not any(cell["telling"] for cell in sample["content"]["cells"])


def test_the_page_speaks_the_language_that_was_asked_for(tmp_path):
    run = make_table(tmp_path)
    assert b'<html lang="zh"' in review_of(run, language="zh").client.get("/").content
    assert b'<html lang="en"' in review_of(run).client.get("/").content
    assert review_of(run, language="zh").client.get("/api/session").json()["language"] == "zh"


def test_gives_out_the_page_its_files_and_its_words(untouched):
    assert untouched.client.get("/").headers["content-type"] == "text/html; charset=utf-8"
    folder = Path(sys.modules["dataclinic.review"].__file__).parent / "static"
    kinds = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
    names = [file.name for file in folder.iterdir()]
    assert names
    for name in names:
        answer = untouched.client.get(f"/static/{name}")
        assert answer.headers["content-type"].startswith(kinds[Path(name).suffix])
        assert answer.content == (folder / name).read_bytes()
    for language in ("en", "zh"):
        assert untouched.client.get(f"/api/words/{language}").headers["content-type"] == "application/json"
        assert untouched.client.get(f"/api/words/{language}").json()


def test_a_browser_that_asks_for_an_icon_is_told_there_is_none(untouched):
    assert untouched.client.get("/favicon.ico").status_code == 204


def test_numbers_are_reviewed_without_classes(tmp_path):
    review = review_of(make_table(tmp_path, task="regression"))
    assert review.client.get("/api/session").json()["task"] == "regression"
    sample = review.next()["sample"]
    assert (sample["suggested"], sample["probability"], sample["sides"]) == ("1.5", None, [])
    state = review.post("/api/verdicts", row=sample["row"], verdict="relabel", label="12.50").json()
    assert state["standing"]["relabelled"] == 1
    assert read_decisions(review.run.path / DECISIONS)[0].label == "12.5"
    assert review.post("/api/verdicts", row=1, verdict="relabel", label="cat").status_code == 400


def test_verdicts_sent_at_once_are_all_recorded(tmp_path):
    review = review_of(make_table(tmp_path, rows=200))

    def decide(row):
        return client_of(review.client.app).post("/api/verdicts", json={"row": row, "verdict": "keep"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(decide, range(60))) == {200}
    assert len(read_decisions(review.run.path / DECISIONS)) == 60
