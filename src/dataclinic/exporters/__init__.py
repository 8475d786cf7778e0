"""Exporters: each writes cleaned samples in the layout that one training library or tool reads. One file, one id."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile


class Exporter(Protocol):
    """Contract of an exporter: a frozen dataclass whose fields are its settings.

    `payloads` and `tasks` are those that the layout can hold. `shows_suggestions` marks layouts of tools in which
    people look at suspects: such data goes out before anything was decided, too.
    """

    summary: ClassVar[str]
    payloads: ClassVar[tuple[type[Payload], ...]]
    tasks: ClassVar[tuple[Task, ...]]
    shows_suggestions: ClassVar[bool]

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        """Write under `destination`, an existing empty folder, and nowhere else.

        Every picture of `cleaned` is a file that exists, or bytes. Files are put there with `place`, which links or
        copies them. Names of files never come from ids or classes unless `outgoing.file_names` made them safe.

        Raises:
            ExportError: the layout cannot hold these samples.
        """
        ...
