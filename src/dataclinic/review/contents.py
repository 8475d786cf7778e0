"""What a sample is, as a reviewer sees it: from the data, or from the previews that the audit kept of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dataclinic.dataset import Images, Texts
from dataclinic.methods.cell_texts import cell_text, cell_texts
from dataclinic.report.previews import THUMBNAIL
from dataclinic.review.shown import Cell, Content

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.dataset import Dataset
    from dataclinic.report.telling import TellingValue

MOST_TEXT = 20_000
"""Characters: some eight pages of print."""

MOST_OF_A_CELL = 2_000
"""Characters; a table may hold texts too."""

MOST_CELLS = 400
"""More than anybody reads; tables of genes have twenty thousand."""

NOT_KEPT = "the data cannot be loaded, and the audit kept no preview of this sample"


def content_of(
    dataset: Dataset,
    row: int,
    *,
    unreadable: Mapping[int, str],
    telling: Sequence[TellingValue] = (),
    most_cells: int = MOST_CELLS,
) -> Content:
    """The sample in `row`; of a table at most so many cells, telling ones first."""
    payload = dataset.payload
    if isinstance(payload, Texts):
        return _text(payload.texts[row], 0)
    if isinstance(payload, Images):
        why = unreadable.get(row)
        return Content(picture=True) if why is None else Content(missing=f"the picture cannot be read: {why}")
    columns = payload.frame.shape[1]
    # A slice keeps the type of every column: in a row of its own, whole numbers would turn into fractions.
    line = payload.frame.iloc[[row]]
    names = [str(name) for name in line.columns]
    wanted = _wanted(names, telling)[:most_cells]
    texts = {place: cell_texts(line.iloc[:, place], MOST_OF_A_CELL)[0] for place in wanted}
    return Content(cells=_marked([(names[place], texts[place]) for place in wanted], telling), columns=columns)


def preview_of(
    entry: Mapping[str, Any] | None, *, telling: Sequence[TellingValue] = (), most_cells: int = MOST_CELLS
) -> Content:
    """What previews.json holds of a sample."""
    if entry is None:
        return Content(missing=NOT_KEPT)
    if entry.get("text") is not None:
        return _text(entry["text"], max(entry.get("characters", 0) - len(entry["text"]), 0))
    if "values" in entry:
        names = list(entry["values"])
        cells = [(names[place], entry["values"][names[place]]) for place in _wanted(names, telling)[:most_cells]]
        return Content(cells=_marked(cells, telling), columns=entry.get("columns", len(names)))
    if THUMBNAIL.fullmatch(entry.get("thumbnail", "")):
        return Content(picture=True)
    why = entry.get("unreadable")
    return Content(missing=f"the picture cannot be read: {why}" if why else NOT_KEPT)


def beside(content: Content, characters: int) -> Content:
    """What is shown beside another sample: a text with at most so many characters, and no marked cells."""
    text = content.text
    return replace(
        content,
        text=None if text is None else text[:characters],
        cut=content.cut + (0 if text is None else max(len(text) - characters, 0)),
        cells=tuple(Cell(cell.column, cell.value) for cell in content.cells),
    )


def _text(text: str, cut: int) -> Content:
    return Content(text=text[:MOST_TEXT], cut=cut + max(len(text) - MOST_TEXT, 0))


def _wanted(names: Sequence[str], telling: Sequence[TellingValue]) -> list[int]:
    """Places of the columns to show, telling ones first; of columns of one name, the first is the telling one."""
    place_of = {name: place for place, name in reversed(list(enumerate(names)))}
    first = [place_of[value.column] for value in telling if value.column in place_of]
    seen = set(first)
    return [*first, *(place for place in range(len(names)) if place not in seen)]


def _marked(cells: Sequence[tuple[str, str]], telling: Sequence[TellingValue]) -> tuple[Cell, ...]:
    """Cells of which the first ones are those of `telling`, as far as they are among them."""
    marks = {value.column: value for value in telling}
    marked: list[Cell] = []
    for column, text in cells:
        value = marks.pop(column, None)
        if value is None:
            marked.append(Cell(column, text))
        else:
            medians = (cell_text(median, MOST_OF_A_CELL) for median in (value.given_median, value.suggested_median))
            marked.append(Cell(column, text, True, *medians))
    return tuple(marked)
