"""Small data sets that are exported, and what must come back."""

from __future__ import annotations

import pandas as pd
from PIL import Image

from dataclinic.dataset import ColumnRoles
from dataclinic.edits import Decision, Drop, Relabel
from dataclinic.outgoing.cleaned import Opinion
from dataclinic.outgoing.placed_files import link_file
from dataclinic.steps.export_dataset import Known, Outlet, export_dataset
from dataclinic.steps.load_dataset import load_dataset

COLOURS = {"cat": 40, "dog": 120, "mouse": 200}

HOSTILE = (
    "../../escaped",
    "/etc/escaped",
    "C:\\escaped",
    "..\\..\\escaped",
    "nul\x00byte",
    "line\nbreak",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "CON",
    "x" * 400,
    "قميص\u202e",
    ".hidden",
    "-rf",
    "..",
    "~",
    "%2F",
    "trailing. ",
    "Case",
    "case",
    "é",
    "e\u0301",
)


def write_picture(path, grey, corner=0):
    """A 6 × 6 picture that can be told from others by its grey and its corner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (6, 6), (grey, grey, grey))
    picture.putpixel((0, 0), (corner % 256, corner // 256, 7))
    picture.save(path, "PNG")
    return path


def photos(folder):
    """train and test folders with three pictures of each class, told apart by their corners."""
    number = 0
    for split in ("train", "test"):
        for label, grey in COLOURS.items():
            for _ in range(3):
                write_picture(folder / split / label / f"{number}.png", grey, number)
                number += 1
    return load_dataset(folder, ColumnRoles())


def hostile_table(folder, labels=("a", "b")):
    """A CSV of pictures, whose ids are hostile names, and whose classes are given."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [name.replace("\x00", "") for name in HOSTILE]
    frame = pd.DataFrame({"name": ids, "file": [f"{row}.png" for row in range(len(ids))]})
    frame["label"] = [labels[row % len(labels)] for row in range(len(ids))]
    for row, file in enumerate(frame["file"]):
        write_picture(folder / file, 90, row)
    frame.to_csv(folder / "t.csv", index=False)
    return load_dataset(folder / "t.csv", ColumnRoles(id="name", image="file", label="label"))


TABLE = pd.DataFrame(
    {
        "key": [f"k{row}" for row in range(12)],
        "size": [row / 4 for row in range(12)],
        "count": list(range(12)),
        "code": [f"00{row % 3}" for row in range(12)],
        "colour": ["red", "blue"] * 6,
        "grade": ["low", "mid", "high"] * 4,
    }
)


def table(folder, frame=TABLE, **roles):
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "survey.csv", index=False)
    return load_dataset(folder / "survey.csv", ColumnRoles(**({"label": "grade", "id": "key"} | roles)))


def texts(folder):
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f'message "{row}",\nwith a break and an ünïcode 🧥' for row in range(8)]
    frame = pd.DataFrame({"message": rows, "topic": ["card", "refund"] * 4})
    frame.to_csv(folder / "messages.csv", index=False)
    return load_dataset(folder / "messages.csv", ColumnRoles(label="topic", text="message"))


def prices(folder):
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"rooms": [1, 2, 3, 4, 5], "price": [10.5, 20, 30, 40, 55]})
    frame.to_csv(folder / "houses.csv", index=False)
    return load_dataset(folder / "houses.csv", ColumnRoles(label="price"), "regression")


def given(dataset, row):
    return dataset.classes[dataset.labels[row]] if dataset.targets is None else f"{dataset.targets[row]:g}"


def relabel(dataset, row, to):
    return Relabel(
        row, dataset.ids[row], given(dataset, row), to, "why", "decision", "anna", "2026-01-01T00:00:00+00:00"
    )


def drop(dataset, row):
    return Drop(row, dataset.ids[row], given(dataset, row), "why")


def decision(dataset, row, verdict, label=None):
    return Decision(dataset.ids[row], verdict, label, given=given(dataset, row), reviewer="anna")


def said(dataset, **decisions):
    """Opinions of all samples: every third is a suspect; decisions are by row, as row_3=..."""
    chosen = {int(name.removeprefix("row_")): value for name, value in decisions.items()}
    return {
        row: Opinion(dataset.classes[0] if dataset.classes else "1", 0.75, 0.25, row % 3 == 0, chosen.get(row))
        for row in range(len(dataset))
    }


def exported(dataset, destination, exporter, edits=(), known=None, place=link_file):
    export_dataset(dataset, edits, destination, known=known or Known(), outlet=Outlet(exporter, place), write=True)
    return destination


def expected(dataset, edits):
    """Label of every sample that is left, by id."""
    labels = {sample: given(dataset, row) for row, sample in enumerate(dataset.ids)}
    for edit in edits:
        if isinstance(edit, Drop):
            del labels[edit.id]
        else:
            labels[edit.id] = edit.to
    return labels


def corner(picture):
    """What tells a picture of `write_picture` from others."""
    red, green, _ = picture.convert("RGB").getpixel((0, 0))
    return red + 256 * green


def corners(dataset):
    """Corner of every sample, by id."""
    return {sample: corner(Image.open(path)) for sample, path in zip(dataset.ids, dataset.payload.sources, strict=True)}


def state(folder):
    """Content, inode and time of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
