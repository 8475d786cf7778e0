import numpy as np
import pytest

from dataclinic.steps import map_embeddings as module
from dataclinic.steps.map_embeddings import map_embeddings
from dataclinic.testing.planted import gaussian_classes

VECTORS, _ = gaussian_classes(400, 3)
ALL = np.ones(400, bool)
NONE = np.zeros(0, np.int64)


def test_small_data_is_shown_whole():
    frame = map_embeddings(VECTORS, ALL, must_have=NONE, seed=0)
    assert frame["row"].tolist() == list(range(400))
    assert frame.dtypes.astype(str).to_dict() == {"row": "int64", "x": "float32", "y": "float32"}
    assert frame.attrs == {"made": "t-SNE of 8 principal components, perplexity 30", "samples": 400}
    assert frame[["x", "y"]].min().min() >= 0
    assert frame[["x", "y"]].max().max() <= 1


@pytest.fixture
def at_most_120(monkeypatch):
    monkeypatch.setattr(module, "MOST_SAMPLES", 120)
    monkeypatch.setattr(module, "MOST_WANTED", 60)


@pytest.mark.parametrize(("wanted", "shown"), [(30, 120), (60, 120), (300, 324)])
def test_what_must_be_shown_is_among_the_drawn_ones(at_most_120, wanted, shown):
    must_have = np.random.default_rng(0).permutation(400)[:wanted]
    frame = map_embeddings(VECTORS, ALL, must_have=must_have, seed=0)
    assert set(must_have.tolist()) <= set(frame["row"])
    assert frame["row"].is_monotonic_increasing
    assert frame["row"].is_unique
    assert len(frame) == pytest.approx(shown, abs=20 if wanted == 300 else 0)


def test_same_seed_same_map_and_another_draws_others(at_most_120):
    first, again, other = (map_embeddings(VECTORS, ALL, must_have=NONE, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert first["row"].tolist() != other["row"].tolist()


def test_unusable_samples_and_vectors_of_zeros_are_left_out():
    vectors = VECTORS.copy()
    vectors[5] = 0
    usable = ALL.copy()
    usable[[7, 8]] = False
    frame = map_embeddings(vectors, usable, must_have=np.array([5, 7, 9, 9]), seed=0)
    assert frame["row"].tolist() == [row for row in range(400) if row not in {5, 7, 8}]


def test_nothing_usable_gives_an_empty_map():
    frame = map_embeddings(VECTORS, ~ALL, must_have=np.array([1]), seed=0)
    assert frame.columns.tolist() == ["row", "x", "y"]
    assert frame.empty
