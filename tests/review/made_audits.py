"""Audited data made by hand: a source that is really there, and the run directory that an audit of it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from PIL import Image
from starlette.testclient import TestClient

from dataclinic.dataset import Images, Table
from dataclinic.evidence import Neighbours
from dataclinic.methods.number_text import exact_number
from dataclinic.review.app import make_app
from dataclinic.review.session import Session
from dataclinic.review.showing import Showing
from dataclinic.rundir import SCHEMA, RunDir, artifacts
from dataclinic.rundir.judgement_files import save_neighbours
from dataclinic.seeding import rng_for
from dataclinic.settings import Settings
from dataclinic.steps.measure_samples import measure_samples
from dataclinic.steps.preview_samples import preview_samples
from dataclinic.workflow import data_fingerprint, load_source

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.dataset import Dataset

TOKEN = "token-of-a-test"  # noqa: S105 - nobody else listens
PORT = 4242
HOME = f"http://127.0.0.1:{PORT}"

SUSPECTS = 12
PREVIEWED = 6
NEIGHBOURS = 10


@dataclass(frozen=True)
class Review:
    """A server in this process; `client` has the cookie and says where it comes from."""

    run: RunDir
    session: Session
    showing: Showing
    client: TestClient

    def next(self, **filters: str) -> dict[str, Any]:
        return self.client.get("/api/next", params=filters).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(path, json=body)


def review_of(run: RunDir, *, language: str | None = None) -> Review:
    session = Session(run, reviewer="ann")
    showing = Showing(run, session)
    app = make_app(session, showing, token=TOKEN, port=PORT, language=language, once="once-only")
    return Review(run, session, showing, client_of(app))


def client_of(app) -> TestClient:
    client = TestClient(app, base_url=HOME, follow_redirects=False, headers={"origin": HOME})
    client.cookies.set(f"dataclinic-{PORT}", TOKEN, domain="127.0.0.1")
    return client


def make_audited(folder: Path, source: Path, settings: Settings | None = None) -> RunDir:
    """The run of an audit of `source`: the first rows are suspects, and neighbours are drawn at random."""
    settings = settings or Settings()
    dataset = load_source(source, settings)
    folder.mkdir()
    run = RunDir(folder)
    run.write_json("run.json", _record(dataset, settings))
    run.write_table("ranking.parquet", _ranking(dataset))
    run.write_json("checks.json", [])
    run.write_table("findings.parquet", pd.DataFrame({"check": [], "subject": [], "reason": [], "row": []}))
    artifacts.save_measurements(folder, measure_samples(dataset, workers=1, progress=lambda *_: None))
    previews = preview_samples(dataset, range(PREVIEWED), folder)
    run.write_json("previews.json", {str(row): one for row, one in previews.items()})
    save_neighbours(folder, _neighbours(len(dataset)))
    return run


def make_table(folder: Path, *, rows: int = 60, task: str = "classification") -> RunDir:
    """A table whose column `size` tells the classes apart, but for the suspects, which have the other class's size."""
    rng = rng_for(0, "made table")
    codes = np.arange(rows) % 2
    size = 100.0 * np.where(np.arange(rows) < SUSPECTS, 1 - codes, codes) + rng.normal(0, 5, rows)
    label = np.array(["cat", "dog"])[codes] if task == "classification" else size.round(3)
    frame = pd.DataFrame(
        {"shade": [f"n{row % 7}" for row in range(rows)], "noise": rng.normal(size=rows), "size": size}
    )
    frame = frame.assign(count=np.arange(rows) * 1000, note="long " * 600, label=label)
    frame.loc[1, "noise"] = np.nan
    frame.to_csv(folder / "table.csv", index=False)
    return make_audited(folder / "run", folder / "table.csv", Settings(label="label", task=task))


def make_texts(folder: Path) -> RunDir:
    texts = [f"text number {row} <b>bold</b>\nsecond line" for row in range(40)]
    texts[0] = "word " * 6000
    frame = pd.DataFrame({"body": texts, "label": np.array(["ham", "spam"])[np.arange(40) % 2]})
    frame.to_csv(folder / "texts.csv", index=False)
    return make_audited(folder / "run", folder / "texts.csv", Settings(label="label", text="body"))


def make_pictures(folder: Path, *, side: int = 64, each: int = 20) -> RunDir:
    """Class folders of `each` landscape pictures; 0.png of `blue` is no picture at all."""
    for name, colour in (("blue", (0, 0, 200)), ("red", (200, 0, 0))):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(each):
            Image.new("RGB", (side, side // 2), colour).save(folder / "photos" / name / f"{number}.png")
    (folder / "photos" / "blue" / "0.png").write_bytes(b"<svg onload=alert(1)>")
    return make_audited(folder / "run", folder / "photos")


def opened(picture: bytes) -> Image.Image:
    return Image.open(BytesIO(picture))


def without(run: RunDir, *names: str) -> RunDir:
    for name in names:
        (run.path / name).unlink()
    return run


def _record(dataset: Dataset, settings: Settings) -> dict[str, Any]:
    payload = dataset.payload
    about = {
        "format": dataset.format,
        "kind": "images" if isinstance(payload, Images) else "table" if isinstance(payload, Table) else "texts",
        "samples": len(dataset),
        "classes": list(dataset.classes),
        "task": dataset.task,
        "fingerprint": data_fingerprint(dataset),
    }
    source, kept = str(dataset.source), settings.as_json()
    return {"schema": SCHEMA, "status": "done", "source": source, "settings": kept, "seed": 0, "dataset": about}


def _ranking(dataset: Dataset) -> pd.DataFrame:
    rows = np.arange(len(dataset))
    wrong = np.where(rows < SUSPECTS, 0.95 - 0.01 * rows, 0.2 - 0.1 * rows / len(rows))
    ranking = pd.DataFrame(
        {
            "rank": rows + 1,
            "row": rows,
            "id": list(dataset.ids),
            "suspicion": np.log(wrong / (1 - wrong)),
            "probability": wrong,
            "flagged": rows < SUSPECTS,
            "loss_nats": -np.log(1 - wrong),
            "self_confidence": 1 - wrong,
            "spread": 0.01,
            "checks": np.where(rows % 3 == 0, "label_errors", "label_errors,high_loss"),
            "reason": "models prefer another class",
        }
    )
    if dataset.targets is not None:
        nothing = dict.fromkeys(("probability", "loss_nats", "self_confidence", "suggested_probability"), np.nan)
        numbers = {"target": dataset.targets, "prediction": 1.5, "residual": dataset.targets - 1.5}
        given = [exact_number(float(target)) for target in dataset.targets]
        return ranking.assign(given_label=given, suggested_label="1.5", **nothing, **numbers)
    names = np.array(dataset.classes, object)
    suggested = np.where(rows < SUSPECTS, (dataset.labels + 1) % len(names), dataset.labels)
    return ranking.assign(
        given_label=names[dataset.labels], suggested_label=names[suggested], suggested_probability=0.9 * wrong
    )


def _neighbours(samples: int) -> Neighbours:
    rng = rng_for(0, "made neighbours")
    others = [np.delete(np.arange(samples), row) for row in range(samples)]
    rows = np.array([rng.choice(other, NEIGHBOURS, replace=False) for other in others])
    return Neighbours(rows, np.sort(rng.uniform(0.1, 1, rows.shape), axis=1).astype(np.float32))
