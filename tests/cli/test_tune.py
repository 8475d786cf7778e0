import json

import pytest

from dataclinic.rundir import RunDir
from dataclinic.settings import read_settings
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset


@pytest.fixture
def table(tmp_path):
    vectors, labels = gaussian_classes(120, 3)
    given, _ = switch_labels(labels, 0.1, classes=3)
    frame = table_dataset(vectors, given).payload.frame
    frame.assign(grade=[f"grade {code}" for code in given]).to_csv(tmp_path / "marks.csv", index=False)
    return tmp_path / "marks.csv"


def test_tunes_and_writes_settings_that_audit_takes(cli, table, tmp_path):
    options = ("--label", "grade", "--model", "linear_head", "--out", tmp_path / "run")
    result = cli("tune", table, *options, "--trials", 4, "--sampler", "random", "--seed", 3)
    assert result.code == 0
    assert "4 trials of linear_head on 3 inner folds" in result.out
    assert f"dataclinic audit {table} --settings {tmp_path / 'run' / 'tuned.toml'}" in result.out.replace("\n", "")
    tuned = read_settings(tmp_path / "run" / "tuned.toml")
    assert (tuned.label, tuned.model, tuned.seed) == ("grade", ("linear_head",), 3)
    assert RunDir.open(tmp_path / "run").record["status"] == "done"

    longer = cli("tune", table, *options, "--trials", 6, "--sampler", "random", "--seed", 3, "--resume", "--json")
    content = json.loads(longer.out)
    assert len(content["trials"]) == 6
    assert content["run"] == str(tmp_path / "run")

    options = ("--folds", 2, "--repeats", 1, "--out", tmp_path / "audit", "--json")
    audited = cli("audit", table, "--settings", tmp_path / "run" / "tuned.toml", *options)
    assert audited.code == 0
    assert RunDir.open(tmp_path / "audit").record["settings"]["models"] == tuned.models


def test_a_fresh_search_knows_nothing_of_the_one_before(cli, table, tmp_path):
    options = ("--label", "grade", "--model", "linear_head", "--trials", 2, "--out", tmp_path / "run")
    assert cli("tune", table, *options).code == 0
    before = json.loads((tmp_path / "run" / "tuning.json").read_text())["trials"]
    assert cli("tune", table, *options).code == 2
    assert cli("tune", table, *options, "--fresh").code == 0
    after = json.loads((tmp_path / "run" / "tuning.json").read_text())["trials"]
    assert [trial["loss"] for trial in after] == [trial["loss"] for trial in before]
    assert [trial["seconds"] for trial in after] != [trial["seconds"] for trial in before]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sampler", "bayes"), "unknown sampler 'bayes'"),
        (("--trials", "1"), "trials cannot be 1"),
        (("--model", "linear_head", "--model", "tree_ensemble"), "several models"),
        (("--model", "linear_head", "--set", "models.linear_head.l2=3"), "given already (l2)"),
    ],
)
def test_what_cannot_be_searched_is_said_in_two_lines(cli, table, tmp_path, options, said):
    result = cli("tune", table, "--label", "grade", "--out", tmp_path / "run", *options)
    assert result.code == 2
    assert said in result.err
    assert "Traceback" not in result.err
