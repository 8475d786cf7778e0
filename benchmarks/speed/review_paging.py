"""Times `dataclinic review` from a verdict to the next sample, over HTTP, with the real program.

    python benchmarks/speed/review_paging.py                                        # 200,000 suspects, 50 columns
    python benchmarks/speed/review_paging.py --samples 1000000 --suspects 1000000
    python benchmarks/speed/review_paging.py --kind images                          # photos of 12 million pixels

The run is made up: labels, probabilities and neighbours are drawn at random, all files have the form and size of an
audit's. A verdict counts from the request to the last byte of the answer, which holds the next sample with its
neighbours, and where the review stands; every 25th has the queue ranked anew. There is no peer to compare with.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from PIL import Image

from dataclinic import __version__
from dataclinic.evidence import Measurements, Neighbours
from dataclinic.judgement import Estimate, Judgement
from dataclinic.report.suspects import SIGNAL
from dataclinic.review.session import RERANK_EVERY
from dataclinic.rundir import SCHEMA, RunDir, artifacts
from dataclinic.rundir.judgement_files import judgement_json, save_judgement, save_neighbours
from dataclinic.seeding import rng_for
from dataclinic.settings import Settings
from dataclinic.workflow import data_fingerprint, load_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.dataset import Dataset

NEIGHBOURS = 30
"""As many as an audit keeps."""

PHOTO_PX = (4000, 3000)
PHOTOS = 20
"""Different files; the samples take turns."""


KEPT = 8
"""Every eighth verdict: were most labels right after all, the queue ranked anew would have no suspects left."""


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took from the request to the last byte."""

    seconds: float
    content: bytes

    @property
    def state(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Page:
    """A page that was opened: its connection and what it sends with every request."""

    connection: http.client.HTTPConnection
    headers: dict[str, str]

    def ask(self, path: str, body: Any = None) -> Answer:
        started = time.perf_counter()
        content = None if body is None else json.dumps(body)
        self.connection.request("GET" if body is None else "POST", path, content, self.headers)
        answer = self.connection.getresponse()
        received = answer.read()
        assert answer.status == 200, received
        return Answer(time.perf_counter() - started, received)


def main(argv: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(argv)
    suspects = min(options.suspects or options.samples, options.samples)
    print(f"{options.samples:,} samples, {suspects:,} of them suspects, {_what(options)}, 10 classes")
    print(f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores, {_memory_gb():.0f} GB")
    print(f"dataclinic {__version__}, python {platform.python_version()}, numpy {np.__version__}")
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        run = _make_run(Path(folder), options)
        with _served(run) as (page, seconds):
            verdicts, others = min(options.verdicts, suspects - 1), range(0, min(1000, options.samples), 10)
            _time(page, seconds, verdicts, others, pictures=options.kind == "images")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="time the review from one sample to the next")
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--suspects", type=int, help="(default: all samples)")
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--kind", choices=("table", "images"), default="table")
    parser.add_argument("--verdicts", type=int, default=200)
    parser.add_argument("--dir", help="where to put the data for as long as it takes (default: a temporary folder)")
    return parser


def _what(options: argparse.Namespace) -> str:
    return f"{options.columns} columns" if options.kind == "table" else f"photos of {PHOTO_PX[0]} × {PHOTO_PX[1]} px"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _make_run(folder: Path, options: argparse.Namespace) -> RunDir:
    """What an audit would leave of a source that is really there."""
    rng = rng_for(0, "review paging")
    labels = rng.integers(0, 10, options.samples)
    source = _table(folder, labels, options.columns) if options.kind == "table" else _photos(folder, labels)
    settings = Settings(label="label", image="image" if options.kind == "images" else None)
    dataset = load_source(source, settings)
    run = RunDir(folder / "run")
    run.path.mkdir()
    judgement = _judgement(rng, dataset, min(options.suspects or options.samples, options.samples))
    run.write_json("run.json", _record(dataset, settings, options.kind))
    run.write_table("ranking.parquet", _ranking(dataset, judgement))
    run.write_json("checks.json", [])
    run.write_table("findings.parquet", pd.DataFrame({"check": [], "subject": [], "reason": [], "row": []}))
    run.write_json("judgement.json", judgement_json(judgement))
    save_judgement(run.path, judgement)
    artifacts.save_measurements(run.path, _measurements(dataset))
    rows = rng.integers(0, options.samples, (options.samples, NEIGHBOURS))
    distances = np.sort(rng.random(rows.shape, np.float32), axis=1)
    save_neighbours(run.path, Neighbours(rows, distances))
    return run


def _table(folder: Path, labels: np.ndarray, columns: int) -> Path:
    rng = rng_for(0, "review paging table")
    cells = {f"column_{place}": rng.normal(labels * (place % 3), 1) for place in range(columns)}
    pd.DataFrame(cells).assign(label=[f"class {code}" for code in labels]).to_parquet(folder / "table.parquet")
    return folder / "table.parquet"


def _photos(folder: Path, labels: np.ndarray) -> Path:
    """A table of paths; the photos are noise over a gradient, which takes JPEG as long as leaves and grass."""
    rng = rng_for(0, "review paging photos")
    (folder / "photos").mkdir()
    for number in range(PHOTOS):
        small = Image.fromarray(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8))
        small.resize(PHOTO_PX).save(folder / "photos" / f"{number}.jpg", quality=90)
    paths = [f"photos/{row % PHOTOS}.jpg" for row in range(len(labels))]
    frame = pd.DataFrame({"image": paths, "label": [f"class {code}" for code in labels]})
    frame.to_parquet(folder / "photos.parquet")
    return folder / "photos.parquet"


def _judgement(rng: np.random.Generator, dataset: Dataset, suspects: int) -> Judgement:
    samples = len(dataset)
    probability = rng.uniform(0, 0.5, samples)
    flagged = np.zeros(samples, bool)
    flagged[rng.choice(samples, suspects, replace=False)] = True
    probability[flagged] += 0.5
    suspicion = np.log(probability / (1 - probability))
    value = float(probability.sum())
    return Judgement(
        suspicion=suspicion,
        probability=probability,
        flagged=flagged,
        suggested=(dataset.labels + rng.integers(1, 10, samples)) % 10,
        suggested_probability=0.9 * probability,
        signals={name: suspicion + rng.normal(size=samples) for name in ("noise_odds", "neighbour_margin", "loss")},
        errors=Estimate(value, 0.9 * value, 1.1 * value),
    )


def _record(dataset: Dataset, settings: Settings, kind: str) -> dict[str, Any]:
    about = {
        "format": dataset.format,
        "kind": kind,
        "samples": len(dataset),
        "classes": list(dataset.classes),
        "fingerprint": data_fingerprint(dataset),
    }
    source, kept = str(dataset.source), settings.as_json()
    return {"schema": SCHEMA, "status": "done", "source": source, "settings": kept, "seed": 0, "dataset": about}


def _ranking(dataset: Dataset, judgement: Judgement) -> pd.DataFrame:
    order = np.argsort(-judgement.suspicion, kind="stable")
    wrong, names = judgement.probability[order], np.array(dataset.classes, object)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "row": order,
            "id": np.array(dataset.ids, object)[order],
            "given_label": names[dataset.labels[order]],
            "suggested_label": names[np.where(judgement.flagged, judgement.suggested, dataset.labels)[order]],
            "suggested_probability": 0.9 * wrong,
            "suspicion": judgement.suspicion[order],
            "probability": wrong,
            "flagged": judgement.flagged[order],
            "loss_nats": -np.log(1 - wrong),
            "self_confidence": 1 - wrong,
            "spread": 0.01,
            "checks": np.where(judgement.flagged[order], "label_errors, high_loss", ""),
            "reason": "models that never saw it prefer another class, and so do 9 of its 10 nearest neighbours",
            **{f"{SIGNAL}{name}": values[order] for name, values in judgement.signals.items()},
        }
    )


def _measurements(dataset: Dataset) -> Measurements:
    frame = getattr(dataset.payload, "frame", pd.DataFrame())
    return Measurements(
        {name: frame[name].to_numpy() for name in frame}, tuple(f"{row:032x}" for row in range(len(dataset)))
    )


@contextmanager
def _served(run: RunDir) -> Iterator[tuple[Page, float]]:
    """The opened page, and how long the program took until it could be."""
    command = [sys.executable, "-m", "dataclinic", "review", str(run.path), "--no-browser", "--audit-sample", "100"]
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - this very program
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        try:
            assert program.stdout is not None
            address, _, token = program.stdout.readline().strip().partition("/?token=")
            seconds = time.perf_counter() - started
            headers = {"authorization": f"Bearer {token}", "origin": address, "content-type": "application/json"}
            with closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=600)) as connection:
                yield Page(connection, headers), seconds
        finally:
            program.send_signal(signal.SIGINT)


def _time(page: Page, seconds: float, verdicts: int, others: range, *, pictures: bool) -> None:
    first = page.ask("/api/next")
    print(f"{'until the address is printed':40}{seconds:8.2f} s")
    print(f"{'until the first sample is there':40}{seconds + first.seconds:8.2f} s")
    state, plain, reranking, shown = first.state, [], [], []
    for number in range(verdicts):
        row = state["sample"]["row"]
        if pictures:
            shown.append(page.ask(f"/api/pictures/{row}?size=large").seconds)
        body = {"row": row, "verdict": "drop" if number % KEPT else "keep", "label": None, "filters": {}}
        answer = page.ask("/api/verdicts", body)
        state = answer.state
        (reranking if state["reranked"] else plain).append(answer.seconds)
    _print("verdict → next sample", plain)
    _print(f"the same, ranked anew (every {RERANK_EVERY}th)", reranking)
    if pictures:
        _print("its photo, decoded and encoded anew", shown)
    _print("look at another sample", [page.ask(f"/api/samples/{row}").seconds for row in others])


def _print(what: str, seconds: Sequence[float]) -> None:
    p50, p95, most = np.percentile(seconds, [50, 95, 100]) * 1000
    print(f"{what:40}{p50:8.1f} ms p50{p95:10.1f} ms p95{most:10.1f} ms at most  ({len(seconds)})")


if __name__ == "__main__":
    main()
