"""What is kept comes back as it was, from whole files alone, within a limit, and never in an audit's way."""

import multiprocessing
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from dataclinic.rundir.embedding_cache import EmbeddingCache

DIGESTS = ["a" * 32, "b" * 32, "c" * 32]
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "embeddings")


def parts(cache):
    return sorted(cache.folder.glob("*/part-*.npz"))


def test_finds_what_was_kept_at_the_rows_that_ask_for_it(cache):
    cache.keep("net", "a network", DIGESTS, VECTORS)
    rows, vectors, description = cache.find("net", ["x" * 32, DIGESTS[2], "", DIGESTS[0], DIGESTS[2]])
    assert rows.tolist() == [1, 3, 4]
    np.testing.assert_array_equal(vectors, VECTORS[[2, 0, 2]])
    assert vectors.dtype == np.float32
    assert description == "a network"


def test_parts_add_up(cache):
    cache.keep("net", "", DIGESTS[:1], VECTORS[:1])
    cache.keep("net", "", DIGESTS[1:], VECTORS[1:])
    rows, vectors, _ = cache.find("net", DIGESTS)
    assert rows.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(vectors, VECTORS)


def test_another_identity_finds_nothing(cache):
    cache.keep("net", "a network", DIGESTS, VECTORS)
    rows, vectors, description = cache.find("other net", DIGESTS)
    assert (rows.shape, vectors.shape, description) == ((0,), (0, 0), "")


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"PK\x03\x04 no archive",
        lambda whole: whole[:-40],
        lambda whole: whole.replace(VECTORS[1].tobytes(), VECTORS[2].tobytes()),
    ],
)
def test_broken_parts_are_ignored_and_removed(cache, broken):
    cache.keep("net", "", DIGESTS, VECTORS)
    (part,) = parts(cache)
    part.write_bytes(broken(part.read_bytes()) if callable(broken) else broken)
    rows, _, _ = cache.find("net", DIGESTS)
    assert len(rows) == 0
    assert parts(cache) == []


def test_parts_of_another_form_are_ignored_and_removed(cache):
    cache.keep("net", "", DIGESTS, VECTORS)
    (part,) = parts(cache)
    np.savez(part, digests=np.array(DIGESTS, np.bytes_), vectors=VECTORS[:2], description=np.array(""))
    assert len(cache.find("net", DIGESTS)[0]) == 0
    assert parts(cache) == []


def test_what_was_used_least_recently_goes_first(cache):
    for name in ("first", "second", "third"):
        cache.keep(name, "", DIGESTS, VECTORS)
    for age, name in enumerate(("first", "third", "second")):  # the second has waited longest
        os.utime(cache._folder_of(name) / "last_used", (1000 - age, 1000 - age))
    size = parts(cache)[0].stat().st_size
    small = EmbeddingCache(cache.folder, limit_bytes=3 * size)
    small.keep("fourth", "", DIGESTS, VECTORS)
    assert [len(small.find(name, DIGESTS)[0]) for name in ("first", "second", "third", "fourth")] == [3, 0, 3, 3]
    assert small.size_bytes() <= 3 * size
    assert not cache._folder_of("second").exists()


def test_to_find_something_is_to_use_it(cache):
    cache.keep("net", "", DIGESTS, VECTORS)
    used = cache._folder_of("net") / "last_used"
    os.utime(used, (1000, 1000))
    cache.find("net", DIGESTS)
    assert used.stat().st_mtime > 1000


def _keep_many(folder, start):
    cache = EmbeddingCache(folder)
    for number in range(start, start + 20):
        cache.keep("net", "", [f"{number:032x}"], np.full((1, 4), number, np.float32))


def test_two_processes_at_once_keep_all_of_both(cache):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_keep_many, args=(cache.folder, start)) for start in (0, 20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rows, vectors, _ = cache.find("net", [f"{number:032x}" for number in range(40)])
    assert rows.tolist() == list(range(40))
    np.testing.assert_array_equal(vectors[:, 0], np.arange(40))


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = EmbeddingCache(tmp_path / "file" / "embeddings")
    cache.keep("net", "", DIGESTS, VECTORS)
    assert len(cache.find("net", DIGESTS)[0]) == 0
    assert not cache.can_be_written()
    cache.clear()


def test_clearing_removes_all(cache):
    cache.keep("net", "", DIGESTS, VECTORS)
    assert cache.size_bytes() > VECTORS.nbytes
    cache.clear()
    assert cache.size_bytes() == 0
    assert len(cache.find("net", DIGESTS)[0]) == 0


def test_the_variable_says_where_or_off(monkeypatch, tmp_path):
    monkeypatch.setenv("DATACLINIC_CACHE", str(tmp_path))
    assert EmbeddingCache.default() == EmbeddingCache(tmp_path / "embeddings")
    monkeypatch.setenv("DATACLINIC_CACHE", "off")
    assert EmbeddingCache.default() is None


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "~/.cache"),
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches"),
        ("darwin", {}, "~/Library/Caches"),
        ("win32", {}, "~/AppData/Local"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
    ],
)
def test_otherwise_it_lies_where_the_system_keeps_caches(monkeypatch, platform, variables, expected):
    for name in ("DATACLINIC_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert EmbeddingCache.default().folder == Path(expected).expanduser() / "dataclinic" / "embeddings"
