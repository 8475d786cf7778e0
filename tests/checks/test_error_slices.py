"""Error slices: planted ones are found and named, evenly spread errors are not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_judgement_evidence import Noisy, judged_evidence, judgement_of, renamed, reordered

from dataclinic.dataset import ColumnRoles, Dataset, Images
from dataclinic.evidence import Evidence, Measurements
from dataclinic.findings import DidNotApply
from dataclinic.registry import CHECKS


def run(evidence, **settings):
    return CHECKS.make("error_slices", settings).run(evidence)


def subjects(outcome):
    return [finding.subject for finding in outcome.findings]


def gathered(samples=400, where=slice(0, 60), share=0.5, seed=0):
    """Labels of two classes and a judgement that flags `share` of those at `where`, and 2 % of all."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, samples)
    rate = np.full(samples, 0.02)
    rate[where] = share
    probability = np.where(rng.random(samples) < rate, 0.9, 0.01)
    return labels, judgement_of(probability, 1 - labels)


def images(labels, judgement, ids, **measured):
    dataset = Dataset(
        Path("made"), "made", Images((None,) * len(labels)), tuple(ids), labels, ("a", "b"), np.arange(len(labels))
    )
    return Evidence(dataset, np.arange(len(labels)), Measurements(content=(), **measured), judgement=judgement)


def test_finds_the_annotator_who_errs():
    evidence, wrong = judged_evidence(Noisy(noise=0.03), slices=lambda frame: (frame["annotator"] == "b").to_numpy())
    found = run(evidence)
    assert subjects(found) == ["annotator 'b'"]
    inside = (evidence.dataset.payload.frame["annotator"] == "b").to_numpy()
    assert found.findings[0].score == pytest.approx(wrong[inside].sum(), rel=0.4)
    assert found.findings[0].row is None
    assert f"of {inside.sum()} labels are flagged" in found.findings[0].reason


@pytest.mark.parametrize(
    "noisy",
    [
        Noisy(noise=0.0),
        Noisy(noise=0.03, sorted=True),
        Noisy(noise=0.2, classes=2),
        Noisy(noise=0.2, balanced=False, sorted=True),
        Noisy(noise=0.4, balanced=False, classes=8),
    ],
)
def test_evenly_spread_errors_gather_nowhere(noisy):
    """Columns, order and clusters all follow the true or the given class here."""
    outcomes = [run(judged_evidence(noisy, seed)[0]) for seed in range(20)]
    assert all(outcome.details["slices"] > 20 for outcome in outcomes)
    assert sum(len(outcome.findings) > 0 for outcome in outcomes) <= 1


def test_finds_a_stretch_of_the_source_and_tells_one_of_the_overlapping_ones():
    evidence, _ = judged_evidence(Noisy(samples=2000, noise=0.03), slices=lambda frame: frame.index >= 1750)
    assert subjects(run(evidence)) == ["source order 88–100 %"]


def test_finds_a_stretch_of_time_whatever_the_order_of_rows():
    labels, judgement = gathered(800, slice(0, 100))
    times = np.arange(800.0)
    order = np.random.default_rng(1).permutation(800)
    evidence = images(labels[order], judgement.take(order), [f"{row}.png" for row in order], values={})
    evidence = replace(evidence, dataset=replace(evidence.dataset, times=times[order]))
    assert subjects(run(evidence)) == ["time 0–12 %"]


def test_finds_a_group_and_a_split():
    labels, judgement = gathered()
    shuffle = np.random.default_rng(2).permutation(400)
    evidence = images(labels[shuffle], judgement.take(shuffle), [f"{row}.png" for row in range(400)], values={})
    inside = shuffle < 60
    groups = np.where(inside, 3, shuffle % 3)
    grouped = replace(evidence.dataset, groups=groups, roles=ColumnRoles(group="site"))
    first = evidence.dataset.ids[int(np.flatnonzero(inside)[0])]
    assert subjects(run(replace(evidence, dataset=grouped))) == [f"site of sample '{first}'"]
    split = replace(evidence.dataset, split=tuple(np.where(inside, "test", "train").tolist()))
    assert subjects(run(replace(evidence, dataset=split))) == ["split 'test'"]


def test_finds_a_folder_a_size_and_a_mode_of_pictures():
    labels, judgement = gathered()
    shuffle = np.random.default_rng(2).permutation(400)
    inside = shuffle < 60
    labels, judgement = labels[shuffle], judgement.take(shuffle)
    plain = [f"{row:03}.png" for row in range(400)]
    folders = [f"{'scan' if bad else 'photo'}/{name}" for bad, name in zip(inside, plain, strict=True)]
    assert subjects(run(images(labels, judgement, folders, values={}))) == ["folder 'scan'"]
    sides = {"width_px": np.where(inside, 640.0, 800.0), "height_px": np.full(400, 480.0)}
    assert subjects(run(images(labels, judgement, plain, values=sides))) == ["picture size '640 × 480 px'"]
    modes = tuple(np.where(inside, "CMYK", "RGB").tolist())
    assert subjects(run(images(labels, judgement, plain, values={}, modes=modes))) == ["colour mode 'CMYK'"]


def test_finds_a_cluster_of_vectors():
    labels, judgement = gathered(share=0.7)
    shuffle = np.random.default_rng(2).permutation(400)
    vectors = np.random.default_rng(3).normal(0, 0.2, (400, 6)).astype(np.float32)
    vectors[np.arange(400), shuffle // 60 % 6] += 3
    evidence = images(labels[shuffle], judgement.take(shuffle), [f"{row:03}.png" for row in range(400)], values={})
    found = run(replace(evidence, vectors=vectors))
    assert found.findings
    near = evidence.dataset.ids.index(found.findings[0].subject.split("'")[1])
    assert found.findings[0].subject.startswith("cluster of samples like")
    assert shuffle[near] < 60


def test_a_column_that_is_the_class_is_told_as_the_class():
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 6
    # those of class 1 are mixed up with all others, and the other way round
    probability = np.where(rng.random(600) < np.where(labels == 1, 0.4, 0.1), 0.9, 0.01)
    suggested = np.where(labels == 1, rng.choice([0, 2, 3, 4, 5], 600), 1)
    evidence = images(labels, judgement_of(probability, suggested), ["x.png"] * 600, values={})
    split = tuple(f"part {code}" for code in labels)
    dataset = replace(evidence.dataset, classes=tuple("abcdef"), split=split)
    assert subjects(run(replace(evidence, dataset=dataset))) == ["class 'b'"]


def test_slices_that_share_most_samples_are_told_once():
    evidence, _ = judged_evidence(Noisy(noise=0.03), slices=lambda frame: (frame["annotator"] == "b").to_numpy())
    frame = evidence.dataset.payload.frame
    doubled = replace(evidence.dataset.payload, frame=frame.assign(desk=frame["annotator"].map(ord)))
    assert len(subjects(run(replace(evidence, dataset=replace(evidence.dataset, payload=doubled))))) == 1


def test_missing_values_are_a_slice():
    labels, judgement = gathered()
    evidence = judged_evidence(Noisy(samples=400, classes=2))[0]
    shuffle = np.random.default_rng(2).permutation(400)
    cells = pd.Series(np.where(shuffle < 60, None, np.where(shuffle % 2, "x", "y")), dtype="str")
    payload = replace(evidence.dataset.payload, frame=pd.DataFrame({"tool": cells}))
    dataset = replace(evidence.dataset, labels=labels[shuffle], payload=payload)
    found = run(replace(evidence, dataset=dataset, judgement=judgement.take(shuffle), vectors=None))
    assert subjects(found) == ["tool 'missing'"]


def test_order_and_names_change_nothing():
    evidence, _ = judged_evidence(Noisy(noise=0.03), slices=lambda frame: (frame["annotator"] == "b").to_numpy())
    found = run(evidence)
    assert run(reordered(evidence)).findings == found.findings
    assert run(renamed(evidence)).findings == found.findings


def test_few_samples_do_not_apply():
    labels, judgement = gathered(30)
    outcome = run(images(labels, judgement, [f"{row}.png" for row in range(30)], values={}))
    assert isinstance(outcome, DidNotApply)
