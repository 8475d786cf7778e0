"""Trials through the real program: planted faults, and what is said, kept, recommended and exported."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes, switch_labels

QUICK = ("--label", "grade", "--model", "linear_head", "--folds", "4", "--repeats", "2", "--out", "run")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def slipped(tmp_path):
    """A CSV file of 300 rows, 3 classes; a tenth of the cells are 1000 times too large, 5 % of the labels switched."""
    vectors, true = gaussian_classes(300, 3, dims=4, apart=3.0)
    given, _ = switch_labels(true, 0.05, classes=3)
    slip = rng_for(0, "slip").random(vectors.shape) < 0.03
    frame = pd.DataFrame(np.where(slip, 1000 * vectors, vectors), columns=list("abcd"))
    names = np.array(["low", "mid", "high"])
    frame["grade"], frame["checked"] = names[given], np.where(np.arange(300) % 2 == 0, names[true], None)
    frame.to_csv(tmp_path / "sizes.csv", index=False)
    return tmp_path / "sizes.csv"


def trials(folder="run"):
    return json.loads(Path(folder, "trials.json").read_text(encoding="utf-8"))


def arm(content, name):
    return next(entry for entry in content["arms"] if entry["arm"] == name)


def test_unit_slips_make_clipping_help_and_it_is_recommended_kept_and_exported(cli, slipped, tmp_path):
    before = slipped.read_bytes()
    result = cli("audit", slipped, *QUICK, "--fixes", "clip_iqr_outliers", "--fixes", "drop_label_errors")
    assert result.code == 0, result.err
    content = trials()
    clip, drop = arm(content, "clip_iqr_outliers"), arm(content, "drop_label_errors")
    assert clip["verdict"] == "helps"
    assert 0 < clip["interval_pp"][0] < clip["gain_pp"] < clip["interval_pp"][1]
    assert drop["control_gain_pp"] is not None
    assert clip["control_gain_pp"] is None
    assert content["recommended"] == ["clip_iqr_outliers"]
    assert content["model"]["id"] == "linear_head"
    assert "helps" in result.out
    assert "clip" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    rows = pd.read_parquet("run/trials.parquet")
    assert len(rows) == 4 * 4 * 2  # untreated, two arms and a control, on 4 folds, twice
    treatment = tomllib.loads((tmp_path / "run" / "treatment.toml").read_text(encoding="utf-8"))
    assert treatment["fixes"] == ["clip_iqr_outliers"]
    assert treatment["measured"]["gain_pp"] == clip["gain_pp"]
    result = cli("export", "run", "cleaned", "--treatment", "--write")
    assert result.code == 0, result.err
    columns = pd.read_parquet("cleaned/treated_columns.parquet")
    assert columns[list("abcd")].abs().to_numpy().max() < 20
    assert len(pd.read_csv("cleaned/sizes.csv")) == 300
    assert slipped.read_bytes() == before


def test_later_trials_stand_beside_the_earlier_ones_and_verdicts_count_them_all(cli, slipped):
    assert cli("audit", slipped, *QUICK, "--fixes", "drop_label_errors").code == 0
    first = trials()
    result = cli("try", "run", "--fix", "clip-iqr-outliers", "--fix", "standardise", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out) == trials()
    names = {entry["arm"] for entry in trials()["arms"]}
    assert names == {"drop_label_errors", "clip_iqr_outliers", "standardise"}
    one, both = arm(first, "drop_label_errors"), arm(trials(), "drop_label_errors")
    assert one["gain_pp"] == both["gain_pp"]
    assert one["p"] == both["p"]
    assert one["p_adjusted"] <= both["p_adjusted"]
    assert cli("report", "run").code == 0
    assert "standardise" in cli("try", "run", "--fix", "standardise").out.casefold()


def test_another_model_or_other_folds_begin_anew(cli, slipped):
    assert cli("audit", slipped, *QUICK, "--fixes", "drop_label_errors").code == 0
    ranking = pd.read_parquet("run/ranking.parquet")
    assert cli("try", "run", "--fix", "clip_iqr_outliers", "--model", "ridge_head", "--repeats", "1").code == 0
    content = trials()
    assert [entry["arm"] for entry in content["arms"]] == ["clip_iqr_outliers"]
    assert (content["model"]["id"], content["repeats"]) == ("ridge_head", 1)
    pd.testing.assert_frame_equal(pd.read_parquet("run/ranking.parquet"), ranking)


def test_trusted_labels_are_a_score_of_their_own_and_no_feature(cli, slipped):
    result = cli("audit", slipped, *QUICK, "--trusted", "checked", "--fixes", "relabel_reviewed")
    assert result.code == 0, result.err
    content = trials()
    assert content["trusted"]["rows"] == 150
    assert content["trusted"]["untreated"]["accuracy"] != content["untreated"]["accuracy"]
    assert set(arm(content, "relabel_reviewed")["trusted"]) >= {"accuracy", "balanced_accuracy"}
    record = json.loads(Path("run", "run.json").read_text(encoding="utf-8"))
    assert "4 numeric, 0 categorical" in record["encoder"]["description"]


def test_a_column_that_the_audit_learned_from_cannot_verify_it(cli, slipped):
    assert cli("audit", slipped, *QUICK, "--fixes", "none").code == 0
    result = cli("try", "run", "--fix", "drop_label_errors", "--trusted", "checked")
    assert result.code == 2
    assert "audit again with --trusted checked" in result.err


def test_decisions_of_a_review_are_verified_labels_too(cli, slipped, tmp_path):
    assert cli("audit", slipped, *QUICK, "--fixes", "none").code == 0
    assert not (tmp_path / "run" / "trials.json").exists()
    ids = pd.read_parquet("run/samples.parquet")["id"]
    lines = [json.dumps({"id": name, "verdict": "keep"}) for name in ids[:100]]
    (tmp_path / "run" / "decisions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert cli("try", "run", "--fix", "drop_label_errors").code == 0
    assert trials()["trusted"]["rows"] == 100


def test_confirming_trains_the_strongest_model_on_what_helped(cli, slipped, tmp_path):
    options = ("--fixes", "clip_iqr_outliers", "--trial-model", "linear_head", "--confirm")
    small = ("--set", "models.tree_ensemble.forest_trees=5", "--set", "models.tree_ensemble.boosted_trees=10")
    result = cli("audit", slipped, *QUICK, *options, *small)
    assert result.code == 0, result.err
    confirmed = trials()["confirmed"]
    assert confirmed["model"]["id"] == "tree_ensemble"
    # trees are not impressed by far outliers, so there is nothing to clip for them
    assert abs(arm(confirmed, "clip_iqr_outliers")["gain_pp"]) < 10
    assert trials()["recommended"] == []
    assert any("helps the stronger one" in note for note in trials()["notes"])
    assert not (tmp_path / "run" / "treatment.toml").exists()


def test_a_run_that_is_resumed_does_not_try_again(cli, slipped, tmp_path):
    assert cli("audit", slipped, *QUICK, "--fixes", "clip_iqr_outliers").code == 0
    first = trials()
    assert cli("audit", slipped, *QUICK, "--fixes", "clip_iqr_outliers", "--resume").code == 0
    assert "try fixes: reused" in (tmp_path / "run" / "log.txt").read_text(encoding="utf-8")
    assert trials() == first


def test_numbers_are_tried_too(cli, tmp_path):
    rng = rng_for(0, "houses")
    vectors = rng.normal(size=(200, 3))
    prices = 50 + vectors @ np.array([4.0, -3.0, 2.0]) + rng.normal(scale=0.5, size=200)
    slip = rng.random(vectors.shape) < 0.04
    frame = pd.DataFrame(np.where(slip, 500 * vectors, vectors), columns=list("abc")).assign(price=prices)
    frame.to_csv("houses.csv", index=False)
    options = ("--label", "price", "--task", "regression", "--model", "huber_regression", "--folds", "3")
    result = cli("audit", "houses.csv", *options, "--repeats", "2", "--out", "run", "--fixes", "clip_iqr_outliers")
    assert result.code == 0, result.err
    content = trials()
    clip = arm(content, "clip_iqr_outliers")
    assert (content["metric"], clip["unit"], clip["verdict"]) == ("mae", "target units", "helps")
    assert clip["gain"] > 0
    assert content["noise"] is None


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (("--fixes", "drop_label_error"), "unknown fix 'drop_label_error'", "drop_label_errors"),
        (("--metric", "acuracy"), "unknown metric 'acuracy'", "accuracy"),
        (("--trial-model", "huber_regression"), "not for classification", "linear_head"),
        (("--trusted", "no_such_column"), "no_such_column", ""),
        (("--fixes", "none", "--fixes", "smote"), "unknown fix 'none'", ""),
    ],
)
def test_what_cannot_be_tried_is_refused_in_two_lines(cli, slipped, options, message, hint):
    result = cli("audit", slipped, *QUICK, *options)
    assert result.code == 2
    lines = result.err.strip().splitlines()[-2:]
    assert message in lines[0]
    assert hint in lines[1]
    assert result.out == ""


def test_data_that_changed_since_the_audit_is_not_tried_on(cli, slipped):
    assert cli("audit", slipped, *QUICK, "--fixes", "none").code == 0
    frame = pd.read_csv(slipped)
    frame.loc[0, "grade"] = "mid" if frame.loc[0, "grade"] != "mid" else "low"
    frame.to_csv(slipped, index=False)
    result = cli("try", "run", "--fix", "drop_label_errors")
    assert result.code == 2
    assert "changed since the audit" in result.err


def test_nothing_to_recommend_is_nothing_to_export(cli, survey):
    arguments = [survey.path, *QUICK, "--fixes", "drop_label_errors"]
    assert cli("audit", *arguments).code == 0
    if trials()["recommended"]:
        pytest.fail("dropping 5 % of labels from separable classes should not have measurably helped")
    result = cli("export", "run", "cleaned", "--treatment")
    assert result.code == 2
    assert "recommends no treatment" in result.err


def test_pictures_are_tried_on_their_embeddings(cli, photos):
    result = cli("audit", photos, "--encoder", "kmeans_patches", "--folds", "3", "--repeats", "1", "--out", "run")
    assert result.code == 0, result.err
    content = trials()
    assert content["model"]["id"] == "ridge_head"
    assert arm(content, "clip_iqr_outliers")["outcome"] == "did not apply"


def test_networks_on_pixels_are_not_tried_unless_asked(cli, photos, tmp_path):
    options = ("--model", "tiny_cnn", "--folds", "2", "--repeats", "1", "--set", "models.tiny_cnn.epochs=1")
    assert cli("audit", photos, *options, "--out", "run").code == 0
    assert not (tmp_path / "run" / "trials.json").exists()
    assert "No fix was tried" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    result = cli("try", "run", "--fix", "mixup", "--fix", "smote")
    assert result.code == 0, result.err
    content = trials()
    assert arm(content, "mixup")["outcome"] == "tried"
    assert arm(content, "smote")["outcome"] == "did not apply"
