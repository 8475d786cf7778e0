"""Files of the original at another place: as hard links where the disk allows it, else as copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

PlaceFile: TypeAlias = Callable[[Path, Path], None]
"""Puts the file at the first path to the second, which is free; makes the folders above it."""


def copy_file(original: Path, place: Path) -> None:
    """A copy with the times of the original; a symbolic link that leads nowhere is copied as the link it is."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(original, place, follow_symlinks=original.exists())


def link_file(original: Path, place: Path) -> None:
    """A second name of the same file, which takes no room; a copy where there can be none (another disk, FAT …).

    A symbolic link is followed: the new name is one of the file itself.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if original.is_file():
        try:
            place.hardlink_to(original.resolve())
        except OSError:
            # Other disks, file systems without links, too many links, forbidden links: a copy is always right.
            copy_file(original, place)
        return
    copy_file(original, place)
