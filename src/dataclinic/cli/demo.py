"""dataclinic demo: real digits with labels switched on purpose, audited, and how many were found."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

TRUTH = "truth.csv"

SWITCHED_SHARE = 0.08
SCALE = 4
"""The digits are 8 × 8 pixels; a person wants them larger."""

TOP = 100


def demo(
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to put the class folders and truth.csv.")
    ] = Path("dataclinic-demo"),
    seed: Annotated[int, typer.Option(help="Which labels are switched.")] = 0,
) -> int:
    """Make a small data set with known wrong labels, audit it, and say how many were found."""
    from dataclinic.cli.audit import read_options, run_audit, show_summary
    from dataclinic.rundir import RunDir

    switched = write_digits(directory, seed)
    typer.echo(f"{directory} holds 1,797 handwritten digits, {switched} of them with a wrong label on purpose")
    # Weights would have to be downloaded; the demo works offline and gives everybody the same numbers.
    settings = read_options(None, {"encoder": "kmeans_patches", "device": "cpu"}, [])
    run = RunDir.start(None, directory)
    run_audit(directory, settings, run)
    code = show_summary(run, json_output=False)
    average_precision, precision, found = score(run.read_table("ranking.parquet"), directory / TRUTH)
    typer.echo(
        f"\nOf the {switched} labels switched on purpose, {found} are among the flagged suspects.\n"
        f"Average precision of the ranking: {average_precision:.3f}. "
        f"Of the {TOP} most suspect samples, {precision:.0%} are truly wrong."
    )
    return code


def write_digits(directory: Path, seed: int) -> int:
    """Write scikit-learn's digits as PNG class folders, labels partly switched, and truth.csv; gives how many.

    What an earlier demo wrote with the same seed is left as it is. The digits are real handwriting: Alpaydin & Kaynak,
    "Optical Recognition of Handwritten Digits", UCI, 1998.

    Raises:
        DataError: the folder holds something else.
    """
    import numpy as np
    from sklearn.datasets import load_digits

    from dataclinic.errors import DataError
    from dataclinic.seeding import rng_for

    pictures, digits = load_digits(return_X_y=True)
    rng = rng_for(seed, "demo", "switch labels")
    given = digits.copy()
    switched = rng.choice(len(digits), size=round(SWITCHED_SHARE * len(digits)), replace=False)
    given[switched] = (digits[switched] + rng.integers(1, 10, size=len(switched))) % 10
    names = [f"{label}/{number:04}.png" for number, label in enumerate(given)]
    truth = "".join(f"{name},{digit}\n" for name, digit in zip(["id", *names], ["true_label", *digits], strict=True))
    if directory.exists() and any(directory.iterdir()):
        if not _holds(directory, truth, names):
            raise DataError.demo_exists(directory)
        return len(switched)
    for name, pixels in zip(names, pictures, strict=True):
        _write_picture(directory / name, np.asarray(255 - pixels.reshape(8, 8) * (255 / 16), np.uint8))
    # Last: a demo that was interrupted while writing is not taken for a whole one.
    (directory / TRUTH).write_text(truth, encoding="utf-8")
    return len(switched)


def _holds(directory: Path, truth: str, names: list[str]) -> bool:
    """Whether an earlier demo wrote just these files."""
    file = directory / TRUTH
    found = {path.relative_to(directory).as_posix() for path in directory.rglob("*.png")}
    return found == set(names) and file.is_file() and file.read_text(encoding="utf-8") == truth


def _write_picture(path: Path, grey: "NDArray[np.uint8]") -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey).resize((8 * SCALE, 8 * SCALE), Image.Resampling.BICUBIC).save(path)


def score(ranking: "pd.DataFrame", truth: Path) -> tuple[float, float, int]:
    """Average precision of the suspicion, precision of the top 100, and how many wrong labels are flagged."""
    import pandas as pd
    from sklearn.metrics import average_precision_score

    judged = ranking.merge(pd.read_csv(truth, dtype=str), on="id").sort_values("rank")
    wrong = judged["given_label"] != judged["true_label"]
    average_precision = average_precision_score(wrong, -judged["rank"])
    return float(average_precision), float(wrong.head(TOP).mean()), int((wrong & judged["flagged"]).sum())
