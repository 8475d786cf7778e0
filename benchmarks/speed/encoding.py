"""Times encoding, from encoded pictures to vectors, against the network alone on the same batches held in memory.

    python benchmarks/speed/encoding.py --weights FILE --data pictures.parquet
    python benchmarks/speed/encoding.py --architecture mobilenetv3_small_100      # random weights, JPEGs made here

The pipeline reads, decodes, cuts, resizes and normalises every picture, and runs the network on it. The bare forward
is given batches that lie normalised in memory, on the device: on a CPU one thread a core, each with its own batch, or
one thread that computes on all cores, whichever is faster. Both run in turns, and the median of each counts; where
other programs use the cores too, the ratio of the CPU times a picture says more than that of the clock.

On a CPU decoding takes its time from the same cores as the network: with F pictures per second of the one and D of
the other, no pipeline does more than 1 / (1/F + 1/D).
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import PIL
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from dataclinic.encoders.timm_image import TimmImage
from dataclinic.methods.frozen_network import (
    ACCELERATOR_BATCH,
    CPU_BATCH,
    FrozenNetwork,
    cores_shared_out,
    encode_pictures,
)
from dataclinic.methods.pixel_stream import map_pictures, usable_cores, usable_threads
from dataclinic.progress import silent
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Source = Path | bytes


def main() -> None:
    given = parser().parse_args()
    sources = pictures(given.data, given.column, given.pictures, (given.width, given.height))
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {usable_cores()} cores, load {load:.1f}, Python {platform.python_version()}")
    print(f"torch {torch.__version__}, timm {timm.__version__}, Pillow {PIL.__version__}")
    print(f"{len(sources):,} pictures of {given.data or f'{given.width} × {given.height} px, JPEG, made here'}\n")
    print(f"{'':42}{'pictures/s':>11}{'CPU ms each':>13}{'ratio':>7}{'of CPU':>8}")
    for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
        compare(network_of(given.weights, given.architecture, device), sources, given.rounds)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--data", type=Path, help="a parquet file with pictures, or a folder of them")
    found.add_argument("--column", default="image", help="of the parquet file")
    found.add_argument("--weights", type=Path, help="file of weights; without, they are random")
    found.add_argument("--architecture", default="mobilenetv3_small_100", help="timm name, for random weights")
    found.add_argument("--pictures", type=int, default=1_000)
    found.add_argument("--rounds", type=int, default=5)
    found.add_argument("--width", type=int, default=500, help="of pictures that are made here")
    found.add_argument("--height", type=int, default=375)
    return found


def pictures(data: Path | None, column: str, count: int, size: tuple[int, int]) -> list[Source]:
    """At most `count` encoded pictures of `data`; without it as many JPEGs, smooth with some grain."""
    if data is None:
        return [_jpeg(row, size) for row in range(min(count, 64))] * -(-count // 64)
    if data.is_dir():
        return sorted(path for path in data.rglob("*") if path.is_file())[:count]
    return list(pd.read_parquet(data, columns=[column])[column].head(count))


def _jpeg(row: int, size: tuple[int, int]) -> bytes:
    rng = rng_for(0, "jpeg", row)
    width, height = size
    coarse = Image.fromarray(rng.integers(0, 256, (height // 24 + 1, width // 24 + 1, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), np.int64)
    grainy = np.clip(smooth + rng.integers(-8, 9, smooth.shape), 0, 255).astype(np.uint8)
    content = BytesIO()
    Image.fromarray(grainy).save(content, "JPEG", quality=87)
    return content.getvalue()


def network_of(weights: Path | None, architecture: str, device: str) -> FrozenNetwork:
    """As `timm_image` prepares it for the device."""
    batch_size = CPU_BATCH if device == "cpu" else ACCELERATOR_BATCH
    with tempfile.TemporaryDirectory() as folder:
        if weights is None:
            weights = Path(folder, f"{architecture}.safetensors")
            save_file(timm.create_model(architecture).state_dict(), weights)
        return FrozenNetwork.of(TimmImage(weights=weights).backbone(device), device, batch_size)


def compare(network: FrozenNetwork, sources: Sequence[Source], rounds: int) -> None:
    runs: dict[str, Callable[[], object]] = {
        **_bare(network, sources),
        "decode and resize alone": lambda: _squares(network, sources),
        "pipeline": lambda: encode_pictures(network, sources, progress=silent),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            if number:  # the first round warms up
                times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    _print_rows(network.device, times, len(sources))


def _squares(network: FrozenNetwork, sources: Sequence[Source]) -> list[np.ndarray]:
    view = network.view
    return list(map_pictures(view.batch, sources, needed_px=view.needed_px, batch_size=network.batch_size))


def _bare(network: FrozenNetwork, sources: Sequence[Source]) -> dict[str, Callable[[], object]]:
    """Ways to run the network on batches in memory; on an accelerator as many as fit into a few gigabytes."""
    squares = [torch.from_numpy(batch).to(network.device) for batch in _squares(network, sources)]
    batches = [network.normalised(batch) for batch in squares]

    def shared_out() -> None:
        with cores_shared_out(), ThreadPoolExecutor(usable_threads()) as pool:
            list(pool.map(network.forward, batches))

    def one_after_another() -> None:
        found = [network.forward(batch) for batch in batches]
        torch.cat(found).cpu()  # waits for all of them

    if network.device != "cpu":
        return {"bare forward": one_after_another}
    return {"bare forward, a batch a core": shared_out, "bare forward, all cores a batch": one_after_another}


def _print_rows(device: str, times: dict[str, list[tuple[float, float]]], count: int) -> None:
    medians = {name: np.median(rows, axis=0) for name, rows in times.items()}
    best = min((row for name, row in medians.items() if name.startswith("bare")), key=lambda row: row[0])
    least = min(row[1] for name, row in medians.items() if name.startswith("bare"))
    for name, (wall, cpu) in medians.items():
        print(
            f"{f'{device}: {name}':42}{count / wall:11,.0f}{1000 * cpu / count:13.2f}"
            f"{best[0] / wall:7.2f}{least / cpu:8.2f}",
            flush=True,
        )
    if device == "cpu":
        decoding = medians["decode and resize alone"]
        allowed = 1 / (1 + decoding[0] / best[0]), 1 / (1 + decoding[1] / least)
        print(f"{'cpu: what shared cores allow':42}{'':24}{allowed[0]:7.2f}{allowed[1]:8.2f}")


if __name__ == "__main__":
    main()
