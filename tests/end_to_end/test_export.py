"""Export, undo and import of decisions through the real program, on one audit of pictures and one of numbers."""

import csv
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import dataclinic
from dataclinic.seeding import rng_for

QUICK = {"encoder": "raw_pixels", "model": ["linear_head"], "folds": 3, "repeats": 1, "trials": "none"}


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """Pictures named by a table with hostile ids, and their audit: three are of another colour than they say."""
    folder = tmp_path_factory.mktemp("audited")
    rng, lines = rng_for(0, "export pictures"), []
    ids = ["../../x", "/etc/x", "C:\\x", "=1+1", "<b>", *(f"photo {number}" for number in range(55))]
    for number, sample in enumerate(ids):
        colour = number % 3
        pixels = rng.integers(0, 90, size=(12, 12, 3))
        pixels[..., colour] += 150
        (folder / "data").mkdir(exist_ok=True)
        Image.fromarray(pixels.astype("uint8")).save(folder / "data" / f"{number}.png")
        given = (colour + 1) % 3 if number in {7, 20, 33} else colour
        lines.append({"name": sample, "file": f"{number}.png", "label": ("red", "green", "../blue")[given]})
    pd.DataFrame(lines).to_csv(folder / "data" / "t.csv", index=False)
    roles = {"label": "label", "image": "file", "id": "name"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATACLINIC_CACHE", "off")
        settings = dataclinic.read_settings(options={**QUICK, **roles})
        run = dataclinic.RunDir.start(folder / "run", folder / "data" / "t.csv")
        dataclinic.audit(folder / "data" / "t.csv", settings, run)
    return folder


@pytest.fixture
def run(audited, tmp_path):
    """A copy of the run, on the same data, with nothing decided yet; the working directory is its parent."""
    shutil.copytree(audited / "run", tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(autouse=True)
def _originals_stay(audited):
    before = state(audited / "data")
    yield
    assert state(audited / "data") == before


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def state(folder):
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def decide(run, *verdicts):
    with (run / "decisions.jsonl").open("a", encoding="utf-8") as log:
        for sample, verdict, label in verdicts:
            entry = {"id": sample, "verdict": verdict, "label": label, "content": "", "reviewer": "anna"}
            log.write(json.dumps(entry) + "\n")


def labels_of(table):
    frame = pd.read_csv(table)
    return dict(zip(frame["name"], frame["label"], strict=True))


def changes_of(folder):
    with (folder / "changes.csv").open(newline="", encoding="utf-8") as file:
        return {line["id"]: line for line in csv.DictReader(file)}


def suspects_of(run):
    ranking = pd.read_parquet(run / "ranking.parquet")
    return list(ranking["id"][ranking["flagged"]])


def test_without_a_decision_there_is_nothing_to_apply(cli, run):
    refused = cli("export", run, "out")
    assert refused.code == 2
    assert "nobody has decided" in refused.err
    assert "--apply" in refused.err
    assert cli("export", run, "out", "--format", "label-studio").code == 0


def test_decisions_are_applied_and_suggestions_only_where_asked(cli, run):
    suspects = suspects_of(run)
    assert len(suspects) >= 3
    decide(run, ("photo 2", "relabel", "green"), ("photo 15", "drop", None), (suspects[0], "keep", None))
    decide(run, ("=1+1", "ambiguous", None), ("gone", "drop", None))
    original = labels_of(Path(dataclinic.RunDir(run).record["source"]))
    assert original["photo 2"] == "../blue"
    dry = cli("export", run, "out")
    assert dry.code == 0, dry.err
    assert "decisions on samples that are not in the data, which change nothing: 1" in dry.out
    assert not Path("out").exists()

    expected = {**original, "photo 2": "green"}
    del expected["photo 15"]
    assert cli("export", run, "out", "--write").code == 0
    assert labels_of("out/t.csv") == expected
    found = changes_of(Path("out"))
    assert {(name, line["what"], line["source"], line["who"]) for name, line in found.items()} == {
        ("photo 2", "relabel", "decision", "anna"),
        ("photo 15", "drop", "decision", "anna"),
    }

    told = json.loads(cli("export", run, "both", "--apply", "drop", "--ambiguous", "drop", "--json", "--write").out)
    assert told["written"]
    by_source = {entry["id"]: entry["source"] for entry in told["changes"]}
    assert by_source["=1+1"] == "decision"
    assert suspects[0] not in by_source
    assert {name for name, source in by_source.items() if source == "suggestion"} == set(suspects) - {
        *(suspects[0], "photo 2", "photo 15", "=1+1")
    }
    dropped = {entry["id"] for entry in told["changes"] if entry["what"] == "drop"}
    assert dropped == set(by_source) - {"photo 2"}
    assert set(labels_of("both/t.csv")) == set(original) - dropped


def test_every_format_goes_out_and_comes_back_by_undo(cli, run):
    decide(run, ("photo 2", "drop", None))
    everything = {path for path in Path.cwd().parent.rglob("*") if not path.is_relative_to(Path.cwd())}
    for name in (
        "image-folder",
        "image_folder",
        "parquet",
        "csv",
        "huggingface",
        "label-studio",
        "fiftyone",
        "cleanlab",
    ):
        done = cli("export", run, "out", "--format", name, "--write")
        assert done.code == 0, done.err
        assert {path for path in Path.cwd().parent.rglob("*") if not path.is_relative_to(Path.cwd())} == everything
        assert sorted(os.listdir()) == ["out", "run"]
        files = sum(path.is_file() for path in Path("out").rglob("*"))
        dry = cli("undo", "out")
        assert f"would remove {files} files" in dry.out
        assert sum(path.is_file() for path in Path("out").rglob("*")) == files
        assert cli("undo", "out", "--write").code == 0
        assert sorted(os.listdir()) == ["run"]


def test_pictures_are_linked_unless_copies_are_asked_for(cli, run, audited):
    decide(run, ("photo 2", "drop", None))
    originals = {path.stat().st_ino for path in (audited / "data").glob("*.png")}
    cli("export", run, "links", "--format", "image-folder", "--write")
    cli("export", run, "copies", "--format", "image-folder", "--copy", "--write")
    linked, copied = ({path.stat().st_ino for path in Path(name).rglob("*.png")} for name in ("links", "copies"))
    assert len(linked & originals) == len(linked) == 59
    assert not copied & originals
    assert {path.name for path in Path("links").iterdir() if path.is_dir()} == {"red", "green", "%2E.%2Fblue"}


def test_files_of_others_are_left_by_undo(cli, run):
    decide(run, ("photo 2", "drop", None))
    cli("export", run, "out", "--write")
    Path("out/mine.txt").write_text("mine")
    Path("out/t.csv").write_text("changed")
    done = cli("undo", "out", "--write")
    assert done.code == 0
    assert sorted(os.listdir("out")) == ["mine.txt", "t.csv"]
    assert "mine.txt" in done.out
    assert "there is no export" in cli("undo", "out").err


def test_single_changes_are_taken_back(cli, run):
    decide(run, ("photo 2", "drop", None), ("../../x", "drop", None), ("<b>", "drop", None))
    cli("export", run, "out", "--format", "parquet", "--write")
    before = pd.read_parquet("out/data.parquet")
    dry = cli("undo", "out", "--id", "../../x")
    assert "would take back 1 change" in dry.out
    pd.testing.assert_frame_equal(pd.read_parquet("out/data.parquet"), before)
    done = cli("undo", "out", "--id", "../../x", "--id", "<b>", "--write", "--json")
    assert [entry["id"] for entry in json.loads(done.out)["undone"]] == ["../../x", "<b>"]
    assert set(pd.read_parquet("out/data.parquet")["name"]) == set(before["name"]) | {"../../x", "<b>"}
    assert list(changes_of(Path("out"))) == ["photo 2"]
    assert sorted(os.listdir()) == ["out", "run"]
    refused = cli("undo", "out", "--id", "<b>")
    assert refused.code == 2
    assert "changed nothing about sample" in refused.err
    Path("out/mine.txt").write_text("mine")
    refused = cli("undo", "out", "--id", "photo 2", "--write")
    assert refused.code == 2
    assert "mine.txt" in refused.err
    assert Path("out/mine.txt").exists()


def test_a_change_is_taken_back_among_links_and_the_originals_stay_linked(cli, run, audited):
    decide(run, ("photo 2", "drop", None), ("<b>", "drop", None))
    cli("export", run, "out", "--format", "image-folder", "--write")
    assert cli("undo", "out", "--id", "<b>", "--write").code == 0
    names = {path.name for path in Path("out").rglob("*.png")}
    assert names == {f"{number}.png" for number in range(60) if number != 7}
    originals = {path.stat().st_ino for path in (audited / "data").glob("*.png")}
    assert {path.stat().st_ino for path in Path("out").rglob("*.png")} < originals
    assert cli("undo", "out", "--write").code == 0
    assert not Path("out").exists()


def test_formats_that_cannot_hold_it_and_clashing_options_are_refused(cli, run):
    for command, problem in (
        (["--format", "imagefolder"], "unknown exporter 'imagefolder'"),
        (["--treatment", "--apply", "drop"], "--treatment and --apply"),
        (["--treatment"], "recommends no treatment"),
        (["--apply", "drop", "--ambiguous", "burn"], "burn"),
    ):
        refused = cli("export", run, "out", *command)
        assert refused.code == 2
        assert problem in refused.err


def test_a_treatment_goes_out_alone_with_its_own_files(cli, run):
    samples = pd.read_parquet(run / "samples.parquet")
    rows = range(len(samples))
    plan = pd.DataFrame({"row": rows, "source_row": rows, "id": samples["id"], "given": samples["given_label"]})
    plan = plan.assign(label=plan["given"], copies=1, weight=1.0)
    plan.loc[3, "copies"] = 0
    plan.to_parquet(run / "training_plan.parquet")
    (run / "treatment.toml").write_text('told = "drop 1 sample"\n', encoding="utf-8")
    decide(run, ("photo 2", "drop", None))
    done = cli("export", run, "out", "--treatment", "--write")
    assert "decisions that are not applied, since the treatment stands as measured: 1" in done.out
    found = changes_of(Path("out"))
    assert [(line["what"], line["source"], line["why"]) for line in found.values()] == [
        ("drop", "treatment", "drop 1 sample")
    ]
    assert len(labels_of("out/t.csv")) == 59
    assert sorted(os.listdir("out")) == [
        *("changes.csv", "export.json", "t.csv", "training_plan.parquet", "treatment.toml")
    ]


def test_label_studio_gives_decisions_back(cli, run):
    suspects = suspects_of(run)
    cli("export", run, "tasks", "--format", "label-studio", "--write")
    tasks = json.loads(Path("tasks/tasks.json").read_text())
    given = {task["data"]["dataclinic_id"]: task["data"]["given_label"] for task in tasks}
    for task in tasks:
        sample = task["data"]["dataclinic_id"]
        label = "red" if sample == suspects[0] and given[sample] != "red" else given[sample]
        result = {"from_name": "label", "to_name": "sample", "type": "choices", "value": {"choices": [label]}}
        if sample in suspects[:2]:
            task["annotations"] = [{"result": [result], "completed_by": 1, "updated_at": "2026-01-01T00:00:00Z"}]
        if sample == "photo 3":
            task["annotations"] = [{"result": [], "was_cancelled": True}]
    tasks.append({"data": {"dataclinic_id": "gone"}, "annotations": [{"result": []}]})
    Path("back.json").write_text(json.dumps(tasks))
    first = cli("import-decisions", run, "back.json")
    assert first.code == 0, first.err
    assert "3 new decisions" in first.out
    assert "1 ambiguous" in first.out
    assert "left out: 1 ('gone')" in first.out
    lines = (run / "decisions.jsonl").read_text().splitlines()
    assert {json.loads(line)["origin"] for line in lines} == {"import"}
    again = json.loads(cli("import-decisions", run, "back.json", "--json").out)
    assert (again["new"], again["known"]) == ([], 3)
    assert (run / "decisions.jsonl").read_text().splitlines() == lines
    decided = json.loads(cli("export", run, "out", "--json").out)["changes"]
    assert all(entry["why"] == "decided in another tool" for entry in decided)


def test_tables_and_other_runs_give_decisions_too(cli, run, audited):
    given = labels_of(audited / "data" / "t.csv")
    pd.DataFrame({"id": ["photo 2", "photo 3", "<b>", "x"], "label": ["green", given["photo 3"], None, "red"]}).to_csv(
        "labels.csv", index=False
    )
    told = json.loads(cli("import-decisions", run, "labels.csv", "--reviewer", "bo", "--json").out)
    assert [(one["id"], one["label"]) for one in told["new"]][-1] == ("photo 3", None)
    assert (told["open"], told["unknown_samples"]) == (1, ["x"])
    shutil.copytree(audited / "run", "other")
    copied = json.loads(cli("import-decisions", "other", run / "decisions.jsonl", "--json").out)
    assert copied["new"] == told["new"]
    assert json.loads((Path("other") / "decisions.jsonl").read_text().splitlines()[0])["reviewer"] == "bo"
    refused = cli("import-decisions", run, "gone.json")
    assert refused.code == 2
    assert "no such file" in refused.err


def test_a_decided_number_is_written(cli, tmp_path):
    pd.DataFrame(
        {"size": [row % 20 for row in range(60)], "price": [2.5 * (row % 20) + 1 for row in range(60)]}
    ).to_csv("prices.csv", index=False)
    quick = ("--model", "huber_regression", "--folds", "3", "--repeats", "1", "--fixes", "none", "--out", "numbers")
    assert cli("audit", "prices.csv", "--task", "regression", "--label", "price", *quick).code == 0
    decide(Path("numbers"), ("4", "relabel", "12.25"))
    assert cli("export", "numbers", "out", "--write").code == 0
    assert pd.read_csv("out/prices.csv")["price"][4] == 12.25
    assert Path("out/prices.csv").read_text().splitlines()[5] == "4,12.25"
    assert cli("export", "numbers", "hub", "--format", "huggingface", "--write").code == 0
    assert (
        "fiftyone cannot hold a table with numbers to predict"
        in cli("export", "numbers", "x", "--format", "fiftyone").err
    )
