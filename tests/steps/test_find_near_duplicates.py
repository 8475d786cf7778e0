"""Near duplicates of every kind of data are found, like samples are not, and the best of each set is kept."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.methods.fold_drawing import draw_folds
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS
from dataclinic.steps.find_near_duplicates import find_near_duplicates
from dataclinic.steps.find_neighbours import find_neighbours
from dataclinic.steps.group_duplicates import group_duplicates
from dataclinic.steps.measure_samples import measure_samples
from made_scenes import EDITS, encoded, jpeg, scene

SCENES = 40


def dataset(payload, split=None, ids=None):
    samples = len(payload)
    return Dataset(
        Path("made"),
        "made",
        payload,
        tuple(ids or (f"s{row:05d}" for row in range(samples))),
        np.zeros(samples, np.int64),
        ("a", "b"),
        np.arange(samples),
        split=None if split is None else tuple(split),
    )


def near(payload, encoder=None, **options):
    data = dataset(payload, **options)
    measured = measure_samples(data, workers=1, progress=silent)
    if encoder is None:
        return find_near_duplicates(data, measured, None, None)
    encoded_as = ENCODERS.make(encoder).encode(payload, device="cpu", seed=0, progress=silent)
    vectors = encoded_as.features.vectors(np.arange(len(data)))
    neighbours = find_neighbours(vectors, np.ones(len(data), bool), device="cpu", progress=silent)
    return find_near_duplicates(data, measured, neighbours, vectors)


def images(*pictures):
    return Images(tuple(one if isinstance(one, bytes | None) else encoded(one) for one in pictures))


def scenes():
    return [scene(seed) for seed in range(SCENES)]


@pytest.mark.parametrize("edit", EDITS)
def test_edited_pictures_are_found_and_no_others(edit):
    copies = [jpeg(EDITS[edit](scene(seed))) for seed in range(15)]
    found = near(images(*scenes(), *copies), "kmeans_patches")
    sets = {frozenset(np.flatnonzero(found.sets == one).tolist()) for one in range(found.sets.max() + 1)}
    assert sets <= {frozenset((row, SCENES + row)) for row in range(15)}
    assert len(sets) >= 14
    way = edit if edit in ("mirrored", "upside down", "turned by half") else "resaved"
    assert set(found.how) == {way, ""}
    alone = found.sets < 0
    assert np.isnan(found.likeness[alone]).all()
    assert found.kept.sum() == len(sets)
    assert (found.likeness[found.kept] == 1.0).all()
    assert (found.likeness[~alone & ~found.kept] < 1.0).all()
    assert (found.likeness[~alone] >= 0.95).all()


def test_pictures_need_no_vectors():
    found = near(images(*scenes(), jpeg(scene(3), 40)))
    assert np.flatnonzero(found.sets >= 0).tolist() == [3, SCENES]


def test_edits_of_one_picture_are_one_set():
    edited = [
        jpeg(EDITS[edit](scene(0))) for edit in ("resaved at quality 30", "half the size", "mirrored", "darkened")
    ]
    found = near(images(*scenes(), *edited), "kmeans_patches")
    assert np.flatnonzero(found.sets == 0).tolist() == [0, *range(SCENES, SCENES + 4)]
    assert found.how[SCENES + 2] == "mirrored"


def test_equal_pixels_are_likeness_1_and_say_so():
    found = near(images(scene(0), encoded(scene(0), "BMP"), scene(1), jpeg(scene(0))))
    assert found.sets.tolist() == [0, 0, -1, 0]
    assert found.how == ("same pixels", "same pixels", "", "resaved")
    assert found.likeness[[0, 1]].tolist() == [1.0, 1.0]
    assert found.likeness[3] < 1.0


def test_blank_and_unreadable_pictures_are_like_nothing():
    blank = [np.full((20, 20, 3), level, np.uint8) for level in (0, 90, 255)]
    pictures = [encoded(Image.fromarray(one)) for one in blank]
    found = near(images(*pictures, None, b"broken", None, scene(0), pictures[1]))
    assert found.sets.tolist() == [-1, 0, -1, -1, -1, -1, -1, 0]
    assert found.how[1] == "same pixels"


def test_the_picture_with_most_pixels_is_kept():
    large, small = scene(0, (200, 150)), scene(0, (200, 150)).resize((100, 75))
    found = near(images(small, jpeg(large, 30), small))
    assert found.sets.tolist() == [0, 0, 0]
    assert found.kept.tolist() == [False, True, False]


def test_of_equally_large_pictures_the_one_with_most_bytes_is_kept(tmp_path):
    path = tmp_path / "best.jpg"
    path.write_bytes(jpeg(scene(0), 95))
    found = near(Images((jpeg(scene(0), 30), path, jpeg(scene(0), 60))))
    assert found.kept.tolist() == [False, True, False]


def test_samples_of_a_held_out_split_are_kept_before_larger_ones():
    large, small = scene(0, (200, 150)), scene(0, (200, 150)).resize((100, 75))
    found = near(images(large, small), split=("training", "test"))
    assert found.kept.tolist() == [False, True]


def test_ties_go_by_id():
    found = near(images(scene(0), scene(0), scene(0)), ids=("b", "a", "c"))
    assert found.kept.tolist() == [False, True, False]


WORDS = ("river", "stone", "cloud", "winter", "garden", "music", "lantern", "paper", "copper", "meadow", "silver")


def sentences(count=60, words=12):
    rng = np.random.default_rng(0)
    vocabulary = [f"{word}{end}" for word in WORDS for end in ("", "s", "ing", "ly", "ed", "er", "ish", "less")]
    return [" ".join(rng.choice(vocabulary, words)) for _ in range(count)]


def test_texts_with_changed_case_signs_or_a_word_are_found():
    texts = sentences()
    changed = [texts[0].upper(), texts[1].replace(" ", ", ") + "!", texts[2].replace(texts[2].split()[4], "other")]
    found = near(Texts((*texts, *changed)), "tfidf")
    assert found.sets.tolist() == [0, 1, 2, *[-1] * 57, 0, 1, 2]
    assert found.how[60:] == ("same words", "same words", "words changed")
    assert found.how[:3] == ("same words", "same words", "words changed")
    assert found.kept[1] != found.kept[61]
    assert found.kept[61]  # the longer one
    assert near(Texts((*texts, *changed))).sets.tolist() == [0, 1, *[-1] * 58, 0, 1, -1]


def test_rows_with_a_tiny_change_are_found():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 6)), columns=list("abcdef"))
    copies = frame.iloc[:10].assign(c=lambda rows: rows["c"] * 1.0001)
    found = near(Table(pd.concat([frame, copies, frame.iloc[[20]]], ignore_index=True)))
    expected = np.full(211, -1)
    expected[:10] = expected[200:210] = np.arange(10)
    expected[[20, 210]] = 10
    assert found.sets.tolist() == expected.tolist()
    assert {found.how[row] for row in range(210, 211)} == {"same cells"}
    assert set(found.how[200:210]) == {"numbers changed"}


def test_coarse_tables_have_no_sets():
    frame = pd.DataFrame(np.random.default_rng(0).integers(0, 2, (200, 3)), columns=list("abc"))
    found = near(Table(frame))
    assert (found.sets == -1).all()
    assert not found.kept.any()
    assert np.isnan(found.likeness).all()


@pytest.mark.parametrize(
    "payload",
    [
        images(*scenes()),
        Texts(tuple(sentences())),
        Table(pd.DataFrame(np.random.default_rng(0).normal(size=(300, 5)))),
        Table(pd.DataFrame(np.random.default_rng(0).normal(size=(300, 1)))),
        Table(pd.DataFrame(index=range(4))),
        Texts(()),
        images(scene(0)),
        Texts(("", " ", "")),
    ],
    ids=["images", "texts", "table", "one column", "no column", "nothing", "one picture", "blank texts"],
)
def test_clean_data_has_no_sets(payload):
    assert (near(payload).sets == -1).all()


def test_order_of_samples_does_not_matter():
    pictures = [*scenes(), *(jpeg(EDITS[edit](scene(seed))) for seed, edit in enumerate(EDITS))]
    plain = near(images(*pictures), "kmeans_patches")
    order = np.random.default_rng(1).permutation(len(pictures))
    ids = [f"s{row:05d}" for row in order]
    mixed = near(images(*(pictures[row] for row in order)), "kmeans_patches", ids=ids)
    assert (plain.sets >= 0).sum() == 20
    members = [{frozenset(order[found == one].tolist()) for one in range(10)} for found in (mixed.sets,)]
    assert members[0] == {frozenset(np.flatnonzero(plain.sets == one).tolist()) for one in range(10)}
    assert plain.kept[order].tolist() == mixed.kept.tolist()
    assert [plain.how[row] for row in order] == list(mixed.how)


def test_folds_never_part_a_set():
    data = dataset(images(*scenes(), *(jpeg(scene(seed), 40) for seed in range(20))))
    measured = measure_samples(data, workers=1, progress=silent)
    found = find_near_duplicates(data, measured, None, None)
    groups = group_duplicates(data, measured, found)
    strata = np.arange(len(data)) % 2
    drawn = draw_folds(strata, groups, np.ones(len(data), bool), folds=5, repeats=4, seed=0)
    assert all(len(set(repeat[found.sets == one])) == 1 for repeat in drawn for one in range(20))
    without = draw_folds(strata, group_duplicates(data, measured), np.ones(len(data), bool), folds=5, repeats=4, seed=0)
    assert any(len(set(repeat[found.sets == one])) == 2 for repeat in without for one in range(20))
