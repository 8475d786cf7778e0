"""Which column plays which part: as the user said, else as names and values suggest."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from dataclinic.errors import DataError
from dataclinic.frames.labels import given_labels, require_classes
from dataclinic.frames.pictures import holds_pictures
from dataclinic.frames.targets import given_targets, require_numbers

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.dataset import ColumnRoles, Task

SPLIT_NAMES = frozenset({"train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval"})

_SPLIT_COLUMNS = frozenset({"split", "fold", "subset"})
_LABEL_NAMES = (
    frozenset({"label", "labels"}),
    frozenset({"class", "target", "y"}),
    frozenset({"category", "classes", "class_name", "outcome"}),
)
"""Names of a label column, surest first; two columns of one rank are a question for the user."""
_LABEL_WORDS = (frozenset({"label", "labels"}), frozenset({"class", "target", "category"}))
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOST_CLASSES = 1000
_NEVER_THE_LABEL = frozenset({"image", "text", "time", "trusted"})
"""To learn a label from itself, or to verify it by itself, finds nothing."""


def resolve_roles(
    frame: pd.DataFrame, named: ColumnRoles, task: Task = "classification"
) -> tuple[ColumnRoles, tuple[str, ...]]:
    """Roles with image, split and label column filled in where they can be guessed, and a note for each guess.

    Images are not looked for beside a text column; a label column of numbers is guessed by its name alone.

    Raises:
        DataError: a named column is not there or plays two parts, or the label column cannot be guessed.
    """
    columns = list(frame.columns)
    for field in fields(named):
        name = getattr(named, field.name)
        if name is not None and name not in columns:
            raise DataError.no_such_column(field.name, name, data_columns(frame))
        if field.name in _NEVER_THE_LABEL and name is not None and name == named.label:
            raise DataError.label_in_two_parts(field.name, name)
    roles, notes = named, []
    guess_label = _guess_label if task == "classification" else _guess_target
    for option, guess in (("image", _guess_image), ("split", _guess_split), ("label", guess_label)):
        if getattr(roles, option) is None and not (option == "image" and roles.text is not None):
            found = guess(frame, _free_columns(frame, roles))
            if found is not None:
                roles = replace(roles, **{option: found})
                choose = "" if option == "split" else f" (use --{option} to choose another)"
                notes.append(f"{option} column guessed: '{found}'{choose}")
    return roles, tuple(notes)


def data_columns(frame: pd.DataFrame) -> list[str]:
    """Names of the columns, without those in which pandas writes the nameless index of a frame."""
    return [name for name in frame.columns if not _PANDAS_INDEX.fullmatch(name)]


def taken_columns(roles: ColumnRoles) -> set[str]:
    """Names of the columns that play a part."""
    return {getattr(roles, field.name) for field in fields(roles)} - {None}


def says_label(name: str) -> bool:
    """Whether "label" is a word of the column's name, as in true_label or labelWorst."""
    return bool(_words(name) & _LABEL_WORDS[0])


def _free_columns(frame: pd.DataFrame, roles: ColumnRoles) -> list[str]:
    taken = taken_columns(roles)
    return [name for name in data_columns(frame) if name not in taken]


def _guess_image(frame: pd.DataFrame, free: list[str]) -> str | None:
    found = [name for name in free if frame[name].dtype == object and holds_pictures(frame[name])]
    return found[0] if len(found) == 1 else None


def _guess_split(frame: pd.DataFrame, free: list[str]) -> str | None:
    found = [name for name in free if name.casefold() in _SPLIT_COLUMNS and _holds_splits(frame[name])]
    return found[0] if len(found) == 1 else None


def _holds_splits(column: pd.Series[Any]) -> bool:
    values = {str(value).strip().casefold() for value in column.dropna().unique()} - {""}
    return bool(values) and values <= SPLIT_NAMES


def _guess_label(frame: pd.DataFrame, free: list[str]) -> str:
    for names in _LABEL_NAMES:
        if found := [name for name in free if name.strip().casefold() in names]:
            return _only(found)
    for words in _LABEL_WORDS:
        if found := [name for name in free if _words(name) & words and _could_be_label(frame[name])]:
            return _only(found)
    columns = data_columns(frame)
    last = free[-1] if free and free[-1] == columns[-1] else None
    if last is None or not _is_coarse(frame[last]):
        raise DataError.no_label_column(columns)
    return last


def _guess_target(frame: pd.DataFrame, free: list[str]) -> str:
    for names in _LABEL_NAMES:
        if found := [name for name in free if name.strip().casefold() in names]:
            return _only(found)
    for words in _LABEL_WORDS:
        if found := [name for name in free if _words(name) & words and _could_be_target(frame[name])]:
            return _only(found)
    raise DataError.no_label_column(data_columns(frame))


def _only(found: list[str]) -> str:
    if len(found) > 1:
        raise DataError.ambiguous_label(found)
    return found[0]


def _words(name: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(_CAMEL.sub("_", name))}


def _could_be_label(column: pd.Series[Any]) -> bool:
    try:
        require_classes(given_labels(column), str(column.name))
    except DataError:
        return False
    return True


def _could_be_target(column: pd.Series[Any]) -> bool:
    try:
        require_numbers(given_targets(column), str(column.name))
    except DataError:
        return False
    return True


def _is_coarse(column: pd.Series[Any]) -> bool:
    """Whether the values repeat as classes do: at most 5 % as many as there are rows."""
    if not _could_be_label(column):
        return False
    return len(given_labels(column).classes) <= min(max(2, len(column) // 20), _MOST_CLASSES)
