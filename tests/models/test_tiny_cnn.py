"""The tiny network learns digits from scratch, follows recipes, and says what ran."""

import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_digits

from dataclinic.errors import OptionError
from dataclinic.features import Embeddings, Pictures
from dataclinic.fits import FitJob
from dataclinic.models import tiny_cnn
from dataclinic.models.tiny_cnn import TinyCnn
from dataclinic.progress import silent
from dataclinic.recipe import Recipe
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import switch_labels

QUICK = TinyCnn(epochs=1, width=4, batch_size=16)


def digits():
    found = load_digits()
    return Pictures(np.repeat((found.images * 15.9).astype(np.uint8)[..., None], 3, axis=3)), found.target


def job(labels, train, score, **more):
    return FitJob(train, labels[train], score, 0, score_labels=labels[score], **more)


def run(model, features, *jobs, classes=10):
    return model.run(features, jobs, classes=classes, device="cpu", progress=silent)


@pytest.fixture
def plans(monkeypatch):
    """What is asked of the training, of which one epoch runs."""
    asked = []
    train = tiny_cnn.train_network

    def noted(build, pixels, one, plan, **rest):
        asked.append((build, plan, rest))
        return train(build, pixels, one, replace(plan, epochs=1), **rest)

    monkeypatch.setattr(tiny_cnn, "train_network", noted)
    return asked


def small(px=8, rows=40, level=100, seed=0):
    rng = rng_for(seed, "small pictures")
    return Pictures(rng.integers(0, level, (rows, px, px, 3), dtype=np.uint8)), np.arange(rows) % 2


def test_learns_digits_and_finds_those_with_switched_labels():
    features, labels = digits()
    given, switched = switch_labels(labels[:900], 0.1, classes=10)
    one = FitJob(np.arange(900), given, np.arange(900, 1300), 0)
    (result,) = run(TinyCnn(epochs=6, width=8), features, one)
    assert (result.probs.argmax(axis=1) == labels[900:1300]).mean() > 0.9
    area = result.dynamics.train_margins.mean(axis=0)
    assert switched[np.argsort(area)[:50]].mean() > 0.9
    assert len(result.history) == 6


def test_every_fit_says_how_training_went():
    features, labels = small()
    (result,) = run(QUICK, features, job(labels, np.arange(30), np.arange(30, 40)))
    assert result.dynamics.train_probs.shape == (1, 30)
    assert result.dynamics.score_probs.shape == (1, 10)
    assert result.history[0].score_accuracy in np.arange(11) / 10


def test_unflippable_pictures_are_not_mirrored_and_others_are(plans):
    features, labels = digits()
    run(QUICK, features, job(labels, np.arange(200), np.arange(200, 210)))
    plain, codes = small()
    run(QUICK, plain, job(codes, np.arange(30), np.arange(30, 40)))
    run(replace(QUICK, flip=True), features, job(labels, np.arange(200), np.arange(200, 210)))
    run(replace(QUICK, flip=False), plain, job(codes, np.arange(30), np.arange(30, 40)))
    assert [plan.flip for _, plan, _ in plans] == [False, True, True, False]


def test_pictures_are_normalised_by_their_training_rows_alone(plans):
    features, labels = small()
    pixels = features.pixels.copy()
    pixels[30:] = 255
    run(QUICK, Pictures(pixels), job(labels, np.arange(30), np.arange(30, 40)))
    levels = pixels[:30].reshape(-1, 3) / 255
    np.testing.assert_allclose(plans[0][2]["mean"], levels.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(plans[0][2]["std"], levels.std(axis=0), rtol=1e-6)


def test_levels_are_the_same_in_parts_and_never_spread_by_nothing(plans, monkeypatch):
    features, labels = small()
    monkeypatch.setattr(tiny_cnn, "CHUNK_ROWS", 7)
    run(QUICK, features, job(labels, np.arange(30), np.arange(30, 40)))
    np.testing.assert_allclose(plans[0][2]["mean"], (features.pixels[:30] / 255).mean(axis=(0, 1, 2)), rtol=1e-9)
    (blank,) = run(QUICK, Pictures(np.zeros((40, 8, 8, 3), np.uint8)), job(labels, np.arange(30), np.arange(30, 40)))
    assert plans[1][2]["std"] == [1 / 255] * 3
    assert np.isfinite(blank.probs).all()


@pytest.mark.parametrize(("rows", "batch"), [(1, 16), (160, 16), (1500, 32), (8000, 128), (10**6, 128)])
def test_few_rows_come_in_small_batches(rows, batch):
    assert tiny_cnn._fitting_batch(rows, 128) == batch


def test_rate_follows_the_batch_unless_it_was_set(plans):
    features, labels = small()
    one = job(labels, np.arange(30), np.arange(30, 40))
    for model in (TinyCnn(width=4), TinyCnn(width=4, batch_size=128), TinyCnn(width=4, learning_rate=0.003)):
        run(model, features, one)
    assert [plan.learning_rate for _, plan, _ in plans] == pytest.approx([0.01 / 8**0.5, 0.01, 0.003])


def test_settings_reach_the_training(plans):
    features, labels = small()
    given = {
        "epochs": 3,
        "weight_decay": 0.2,
        "label_smoothing": 0.05,
        "focal_gamma": 1.5,
        "augmentation": "randaugment",
        "augmentation_strength": 0.5,
        "mixup": 0.3,
        "cutmix": 0.4,
        "ema": False,
        "patience": 2,
        "test_time_augmentation": False,
        "bfloat16": False,
        "channels_last": False,
    }
    run(TinyCnn(width=4, dropout=0.3, **given), features, job(labels, np.arange(30), np.arange(30, 40)))
    build, plan, _ = plans[0]
    assert {name: getattr(plan, name) for name in given} == given
    assert (build().dropout.p, build().head.in_features) == (0.3, 8)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(label_smoothing=0.5),
        Recipe(focal_gamma=2.0),
        Recipe(augmentation="randaugment"),
        Recipe(mixup=1.0),
        Recipe(cutmix=1.0),
        Recipe(ema=False),
        Recipe(test_time_augmentation=False),
    ],
    ids=lambda recipe: next(iter(recipe.asked())),
)
def test_every_field_of_a_recipe_changes_the_fit(recipe):
    assert set(Recipe.__dataclass_fields__) == TinyCnn.honours
    features, labels = small()
    one = job(labels, np.arange(30), np.arange(30, 40))
    plain, changed = run(QUICK, features, one, replace(one, recipe=recipe))
    assert not np.array_equal(plain.probs, changed.probs)


def test_tunable_settings_are_settings_and_every_bound_is_allowed():
    for name, space in TinyCnn.search_space.items():
        for value in getattr(space, "values", None) or (space.low, space.high):
            MODELS.make("tiny_cnn", {name: value})


def test_vectors_are_refused_by_name_of_what_is_needed():
    with pytest.raises(OptionError, match="raw_pixels"):
        run(QUICK, Embeddings(np.zeros((4, 3), np.float32)), job(np.array([0, 1, 0, 1]), np.arange(3), np.arange(3, 4)))


def test_says_what_runs_on_either_device_until_all_is_set():
    assert "on a CPU 20 epochs" in TinyCnn().description
    assert "on an accelerator 24 epochs" in TinyCnn().description
    whole = TinyCnn(epochs=3, batch_size=64, width=16, finest_px=16).description
    assert whole == "residual network from scratch: 3 epochs in batches of up to 64, width 16, from 16 px down"
    assert "augmentation='flip_crop'" in repr(TinyCnn())


def test_fits_are_spread_over_devices_and_come_back_in_order(monkeypatch):
    devices = []

    def recorded(train, pixels, jobs, names, told):
        devices.extend(names)
        return [train(pixels, job, "cpu", told) for job in jobs]

    monkeypatch.setattr(tiny_cnn, "devices_of", lambda name: [f"{name}:0", f"{name}:1"])
    monkeypatch.setattr(tiny_cnn, "train_on_devices", recorded)
    pixels, labels = rng_for(0, "pixels").integers(0, 256, (40, 8, 8, 3), np.uint8), np.arange(40) % 2
    jobs = [FitJob(np.arange(20), labels[:20], np.arange(20, 20 + count), 0) for count in (5, 20)]
    told = []
    model = TinyCnn(epochs=2, width=4)
    results = model.run(Pictures(pixels), jobs, classes=2, device="cuda", progress=lambda *step: told.append(step))
    assert devices == ["cuda:0", "cuda:1"]
    assert [len(result.probs) for result in results] == [5, 20]
    assert told[0] == ("train tiny_cnn", 0, 4)


def test_what_processes_are_handed_can_be_pickled():
    model = TinyCnn(epochs=2, width=4)
    assert pickle.loads(pickle.dumps(partial(model._fit, 3))).args == (3,)  # noqa: S301 - our own
