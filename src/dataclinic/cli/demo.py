"""dataclinic demo: real digits with labels switched on purpose, audited, and how many were found."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

SWITCHED_SHARE = 0.08
SCALE = 4
"""The digits are 8 × 8 pixels; a person wants them larger."""

TOP = 100


def demo(
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to put pictures, truth and run.")
    ] = Path("dataclinic-demo"),
    seed: Annotated[int, typer.Option(help="Which labels are switched.")] = 0,
) -> int:
    """Make a small data set with known wrong labels, audit it, and say how many were found."""
    from dataclinic.cli.audit import read_options, run_audit, show_summary
    from dataclinic.errors import DataError
    from dataclinic.rundir import RunDir

    if directory.exists() and any(directory.iterdir()):
        raise DataError.demo_exists(directory)
    photos = directory / "digits"
    switched = write_digits(photos, directory / "truth.csv", seed)
    typer.echo(f"wrote 1,797 handwritten digits to {photos}, {switched} of them with a wrong label on purpose")
    # Weights would have to be downloaded; the demo works offline and gives everybody the same numbers.
    settings = read_options(None, {"encoder": "kmeans_patches", "device": "cpu"}, [])
    run = RunDir.start(directory / "run", photos)
    run_audit(photos, settings, run)
    code = show_summary(run, json_output=False)
    average_precision, precision, found = score(run.read_table("ranking.parquet"), directory / "truth.csv")
    typer.echo(
        f"\nOf the {switched} labels switched on purpose, {found} are among the flagged suspects.\n"
        f"Average precision of the ranking: {average_precision:.3f}. "
        f"Of the {TOP} most suspect samples, {precision:.0%} are truly wrong."
    )
    return code


def write_digits(photos: Path, truth: Path, seed: int) -> int:
    """Write scikit-learn's digits as PNG class folders, labels partly switched, and truth.csv; gives how many.

    The digits are real handwriting: Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998.
    """
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    from dataclinic.seeding import rng_for

    pictures, digits = load_digits(return_X_y=True)
    rng = rng_for(seed, "demo", "switch labels")
    given = digits.copy()
    switched = rng.choice(len(digits), size=round(SWITCHED_SHARE * len(digits)), replace=False)
    given[switched] = (digits[switched] + rng.integers(1, 10, size=len(switched))) % 10
    for digit in range(10):
        (photos / str(digit)).mkdir(parents=True)
    with truth.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "true_label"])
        for number, (pixels, label, digit) in enumerate(zip(pictures, given, digits, strict=True)):
            name = f"{label}/{number:04}.png"
            grey = (255 - pixels.reshape(8, 8) * (255 / 16)).astype(np.uint8)
            Image.fromarray(grey).resize((8 * SCALE, 8 * SCALE), Image.Resampling.BICUBIC).save(photos / name)
            table.writerow([name, digit])
    return len(switched)


def score(ranking: "pd.DataFrame", truth: Path) -> tuple[float, float, int]:
    """Average precision of the suspicion, precision of the top 100, and how many wrong labels are flagged."""
    import pandas as pd
    from sklearn.metrics import average_precision_score

    judged = ranking.merge(pd.read_csv(truth, dtype=str), on="id").sort_values("rank")
    wrong = judged["given_label"] != judged["true_label"]
    average_precision = average_precision_score(wrong, -judged["rank"])
    return float(average_precision), float(wrong.head(TOP).mean()), int((wrong & judged["flagged"]).sum())
