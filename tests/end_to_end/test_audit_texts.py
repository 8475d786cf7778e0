"""Texts through the real program: a column of messages with known faults."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.seeding import rng_for

QUICK = ("--label", "topic", "--folds", "3", "--repeats", "2", "--fixes", "none")
TOPICS = {
    "card": "my card is lost stolen blocked replacement debit wallet",
    "refund": "money back refund seller returned order cancelled shop",
    "login": "password login code reset app account locked link",
}


@pytest.fixture
def messages(tmp_path, monkeypatch):
    """A CSV file of 150 messages, 8 labels switched; row 20 is empty and rows 30 and 31 are equal."""
    monkeypatch.chdir(tmp_path)
    rng = rng_for(0, "messages")
    names = list(TOPICS)
    true = np.arange(150) % 3
    texts = [" ".join([*rng.choice(TOPICS[names[code]].split(), 5), f"please {row}"]) for row, code in enumerate(true)]
    texts[20], texts[33] = " ", texts[30]
    given = true.copy()
    switched = np.arange(40, 72, 4)
    given[switched] = (given[switched] + 1) % 3
    frame = pd.DataFrame({"message": texts, "topic": [names[code] for code in given], "length": list(map(len, texts))})
    frame.to_csv(tmp_path / "messages.csv", index=False)
    return switched


def test_audit_of_texts_finds_the_switched_labels_the_empty_one_and_the_copies(cli, messages, tmp_path):
    result = cli("audit", "messages.csv", "--text", "message", *QUICK, "--out", "run")
    assert result.code == 0, result.err
    assert "TF-IDF" in result.out
    assert "not used beside the texts: 'length'" in result.out
    ranking = pd.read_parquet("run/ranking.parquet")
    assert set(ranking["row"].head(8)) == set(messages)
    assert ranking.loc[ranking["row"] == 20, "reason"].item() == "not judged: empty text"
    findings = pd.read_parquet("run/findings.parquet")
    assert findings.loc[findings["check"] == "unreadable", "row"].tolist() == [20]
    assert sorted(findings.loc[findings["check"] == "exact_duplicates", "row"]) == [30, 33]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    frame = pd.read_csv("messages.csv")
    assert all(frame.loc[row, "message"] in page for row in messages)


def test_suspects_show_their_text(cli, messages, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    cli("audit", "messages.csv", "--text", "message", *QUICK, "--out", "run")
    listed = cli("suspects", "run", "--top", "2").out
    ranking = pd.read_parquet("run/ranking.parquet")
    texts = pd.read_csv("messages.csv")["message"]
    assert "Text" in listed
    assert texts[ranking.loc[0, "row"]] in listed


def test_a_table_of_texts_alone_is_told_to_name_them(cli, messages):
    pd.read_csv("messages.csv").drop(columns="length").to_csv("texts.csv", index=False)
    result = cli("audit", "texts.csv", "--label", "topic")
    assert result.code == 2
    assert "--text message" in result.err
