"""dataclinic doctor: what this machine has, and what to do about what it lacks."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("torch", "torchvision", "timm", "cleanlab", "scikit-learn", "imbalanced-learn", "pandas", "pyarrow")
LOW_DISK_GB = 5


@dataclass(frozen=True)
class Fact:
    """One thing seen; `advice` is empty where all is well."""

    name: str
    value: str
    advice: str = ""


def doctor(
    *,
    clear_cache: bool = typer.Option(False, "--clear-cache", help="Remove the embeddings that are kept, then look."),
) -> None:
    """Look at Python, torch, GPU, caches and disk, and say what to do."""
    if clear_cache:
        _clear_cache()
    facts = list(_facts())
    width = max(len(fact.name) for fact in facts)
    for fact in facts:
        typer.echo(f"{fact.name:{width}}  {fact.value}")
        if fact.advice:
            typer.echo(f"{'':{width}}  → {fact.advice}")


def _clear_cache() -> None:
    from dataclinic.rundir.embedding_cache import EmbeddingCache

    cache = EmbeddingCache.default()
    if cache is not None:
        freed_gb = cache.size_bytes() / 1e9
        cache.clear()
        typer.echo(f"removed {freed_gb:,.2f} GB of embeddings from {cache.folder}", err=True)


def _facts() -> Iterator[Fact]:
    from dataclinic.device import describe_devices

    yield Fact(
        "python", f"{sys.version.split()[0]} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    for package in PACKAGES:
        yield Fact(package, version(package))
    yield _optional("lightgbm", "tables", "tabular")
    devices = describe_devices()
    yield Fact(
        "devices",
        ", ".join(devices),
        ""
        if len(devices) > 1
        else "no GPU that torch can use: images are encoded on the CPU, so start with few or small ones",
    )
    yield _weights_cache()
    yield _embedding_cache()
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    advice = "runs need room for embeddings: free some, or give --out another disk" if free_gb < LOW_DISK_GB else ""
    yield Fact("disk", f"{free_gb:,.0f} GB free here", advice)


def _optional(package: str, purpose: str, extra: str) -> Fact:
    try:
        return Fact(package, version(package))
    except PackageNotFoundError:
        return Fact(package, "not installed", f"better models for {purpose}: pip install 'dataclinic[{extra}]'")


def _weights_cache() -> Fact:
    from huggingface_hub.constants import HF_HUB_CACHE

    models = sorted(path.name for path in Path(HF_HUB_CACHE).glob("models--timm--*"))
    if models:
        names = ", ".join(name.removeprefix("models--timm--") for name in models[:5])
        return Fact("weights cache", f"{HF_HUB_CACHE}: {names}")
    advice = "they are downloaded on the first audit of images; offline, give --weights FILE"
    return Fact("weights cache", f"{HF_HUB_CACHE}: no pretrained image weights", advice)


def _embedding_cache() -> Fact:
    from dataclinic.rundir.embedding_cache import VARIABLE, EmbeddingCache

    cache = EmbeddingCache.default()
    if cache is None:
        return Fact("embedding cache", f"{VARIABLE} is off", "every audit encodes all samples: unset it to reuse them")
    if not cache.can_be_written():
        return Fact("embedding cache", f"{cache.folder} cannot be written", f"set {VARIABLE} to a folder of yours")
    limit = f"at most {cache.limit_bytes / 1e9:,.0f} GB; --clear-cache empties it"
    return Fact("embedding cache", f"{cache.folder}: {cache.size_bytes() / 1e9:,.2f} GB, {limit}")
