"""Probabilities of people's own models that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ProbsError(DataclinicError):
    """Probabilities cannot be read, or do not fit the labels."""

    @classmethod
    def misshapen(cls, shape: tuple[int, ...]) -> Self:
        return cls(
            f"probabilities must have one row a sample and one column a class, two classes or more; got {shape}",
            "give all classes' probabilities, also for two classes",
        )

    @classmethod
    def not_probabilities(cls) -> Self:
        return cls(
            "probabilities are negative, infinite, or all 0 in a row",
            "give the softmax of the model's outputs, not its scores; a row of NaN means that it was not judged",
        )

    @classmethod
    def lengths_differ(cls, what: str, got: int, wanted: int) -> Self:
        return cls(f"{what} has {got:,} entries, and {wanted:,} are needed", "give one entry a sample, in one order")

    @classmethod
    def not_numbers(cls, what: str) -> Self:
        return cls(f"{what} cannot be read as a table of numbers", "give each sample a row of equally many numbers")

    @classmethod
    def not_one_each(cls, what: str, shape: tuple[int, ...]) -> Self:
        return cls(
            f"{what} must be one for each sample; got an array of {shape}",
            "labels are a flat list, vectors one row of numbers for each sample",
        )

    @classmethod
    def no_threshold(cls, value: float) -> Self:
        return cls(f"threshold must be a probability, 0 to 1; got {value}", "0.5 flags what is probably wrong")

    @classmethod
    def repeated_class(cls, name: object) -> Self:
        return cls(f"classes names {str(name)!r} more than once", "give each column of probabilities a name of its own")

    @classmethod
    def no_such_class(cls, label: object, names: Sequence[object]) -> Self:
        return cls(
            f"label {label!r} has no column of probabilities (columns: {listed([str(name) for name in names])})",
            "labels are codes 0, 1, … in the order of the columns, or names that `classes` lists in that order",
        )

    @classmethod
    def one_class(cls, found: int) -> Self:
        return cls(
            f"the samples with probabilities bear {found} class{'es' * (found != 1)}; two are needed",
            "give probabilities of samples of several classes",
        )

    @classmethod
    def unreadable(cls, path: Path, why: str) -> Self:
        return cls(
            f"cannot read probabilities from {path}: {why}",
            "give a .npy array (samples × classes) or a .parquet file with one column for each class, named as it",
        )

    @classmethod
    def does_not_fit(cls, path: Path, shape: tuple[int, ...], wanted: tuple[int, int]) -> Self:
        return cls(
            f"{path} holds an array of {shape}; {wanted[0]:,} samples × {wanted[1]:,} classes are needed",
            "give one row a sample, in the order of a run's samples.parquet, and one column a class, in sorted order",
        )

    @classmethod
    def of_numbers(cls) -> Self:
        return cls("--probs gives probabilities of classes, and the labels are numbers", "leave --probs out")

    @classmethod
    def lacks_class(cls, path: Path, missing: Sequence[str], columns: Sequence[str]) -> Self:
        return cls(
            f"{path} has no column for class {listed(missing)} (columns: {listed(columns)})",
            "name its columns as the classes of the data, and the id of each sample 'id' if rows are in another order",
        )

    @classmethod
    def repeats_sample(cls, path: Path, name: str) -> Self:
        return cls(
            f"{path} has several rows for sample {name!r}", "give one row a sample, the mean where there are more"
        )

    @classmethod
    def lacks_sample(cls, path: Path, example: str, missing: int) -> Self:
        return cls(
            f"{path} has no row for {missing:,} samples, e.g. {example!r}",
            "its column 'id' must hold the ids that a run writes in its samples.parquet; NaN where not judged",
        )
