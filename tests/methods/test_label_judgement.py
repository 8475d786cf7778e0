"""What holds of all verdicts, and what planted errors, copies and further signals change in them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclinic.methods import label_judgement
from dataclinic.methods.label_judgement import (
    PlantedCopy,
    _believed_by,
    _centred,
    _monotone,
    _share_found,
    judge,
    judge_by_noise,
)
from dataclinic.methods.label_signals import Testimony as Known  # pytest would take it for a class of tests
from dataclinic.methods.nearest_neighbours import nearest_neighbours
from dataclinic.methods.planted_errors import plant
from dataclinic.progress import silent
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels

CLASSES = 4
SAMPLES = 400


def made(share=0.1, samples=SAMPLES, classes=CLASSES, seed=0, sure=0.85, mistakes=0.0):
    """Testimony with neighbours, the true labels, and which labels are wrong; models make so many mistakes."""
    vectors, true = gaussian_classes(samples, classes, seed=seed)
    labels, wrong = switch_labels(true, share, classes=classes, seed=seed)
    near = nearest_neighbours(vectors, np.ones(samples, bool), 10, device="cpu", progress=silent)
    said, _ = switch_labels(true, mistakes, classes=classes, seed=seed + 1)
    probs = confident_probs(said, classes=classes, sure=sure, seed=seed)
    return Known(probs, labels, neighbours=tuple(near)), true, wrong


def copy_of(testimony, true, seed=0, share=0.15, informative=True):
    """As if models had learned from labels with errors planted in them."""
    rng = rng_for(seed, "copy")
    rows = np.sort(rng.permutation(len(true))[: round(share * len(true))])
    labels, planted = plant(testimony.labels, testimony.probs.astype(float), rows, rng)
    extra = np.where(labels != true, 3.0, -3.0) if informative else np.zeros(len(true))
    said, _ = switch_labels(true, 0.1, classes=testimony.classes, seed=seed + 10)
    probs = confident_probs(said, classes=testimony.classes, sure=0.85, seed=seed + 10)
    return PlantedCopy(labels, planted, probs, {"area_under_margin": extra + rng.normal(size=len(true))})


def twins_and_repeats(testimony, true):
    twins = np.arange(len(true)) // (2 * CLASSES) * CLASSES + np.arange(len(true)) % CLASSES
    return replace(testimony, twins=twins, repeat_choices=np.stack([true, testimony.probs.argmax(axis=1)]))


def require_sound(verdicts, labels):
    probability, suspicion = verdicts.probability, verdicts.suspicion
    assert ((probability >= 0) & (probability <= 1)).all()
    assert np.isfinite(suspicion).all()
    order = np.argsort(suspicion, kind="stable")
    assert (np.diff(probability[order]) >= 0).all()
    tied = np.diff(suspicion[order]) == 0
    assert (np.diff(probability[order])[tied] == 0).all()
    np.testing.assert_array_equal(verdicts.flagged, probability > verdicts.threshold)
    np.testing.assert_array_equal(suspicion > 0, probability > 0.5)
    assert (verdicts.suggested != labels).all()
    assert ((verdicts.suggested_probability >= 0) & (verdicts.suggested_probability <= probability)).all()
    assert verdicts.errors.value == pytest.approx(probability.sum())
    assert 0 <= verdicts.errors.low <= verdicts.errors.value <= verdicts.errors.high <= len(labels)
    assert sum(verdicts.weights.values()) == pytest.approx(1)
    assert min(verdicts.weights.values()) >= 0
    assert set(verdicts.weights) <= set(verdicts.signals)


CASES = {
    "plain": lambda: replace(made()[0], neighbours=None),
    "neighbours": lambda: made()[0],
    "two classes": lambda: made(classes=2)[0],
    "many errors": lambda: made(share=0.45)[0],
    "no errors": lambda: made(share=0.0)[0],
    "twins and repeats": lambda: twins_and_repeats(*made()[:2]),
    "groups": lambda: replace(made()[0], groups=np.arange(SAMPLES) // 5),
    "all right and certain": lambda: Known(np.eye(3, dtype=np.float32)[np.arange(30) % 3], np.arange(30) % 3),
    "all wrong and certain": lambda: Known(np.eye(3, dtype=np.float32)[np.arange(30) % 3], np.arange(1, 31) % 3),
    "nothing known": lambda: Known(np.full((30, 3), 1 / 3, np.float32), np.arange(30) % 3),
    "two samples": lambda: Known(np.array([[0.9, 0.1], [0.8, 0.2]], np.float32), np.array([0, 1])),
    "many classes": lambda: Known(confident_probs(np.arange(154) % 77, classes=77), np.arange(154) % 77),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("by", [judge, judge_by_noise])
@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9])
def test_verdicts_are_sound(case, by, threshold):
    testimony = CASES[case]()
    verdicts = by(testimony, threshold=threshold)
    assert verdicts.threshold == threshold
    require_sound(verdicts, testimony.labels)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 5), st.integers(2, 25), st.integers(0, 10_000))
def test_verdicts_are_sound_whatever_is_given(classes, samples, seed):
    rng = rng_for(seed, "whatever")
    labels = np.concatenate([np.arange(classes), rng.integers(classes, size=samples)])
    probs = rng.dirichlet(np.full(classes, rng.choice([0.02, 1.0])), size=len(labels)).astype(np.float32)
    sets = rng.integers(-1, 4, size=len(labels))
    require_sound(judge(Known(probs, labels, twins=sets, copies=sets)), labels)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1)), min_size=1, max_size=12), st.booleans())
def test_equal_signals_have_one_probability_and_the_sign_tells_the_half(pairs, close):
    places = np.array([place for place, _ in pairs])
    # as near to each other as numbers can be, or a whole apart
    observed = np.array([1.0, *(1.0 + np.arange(1, 5) * np.finfo(float).eps)])[places] if close else places * 1.0
    probability = _monotone(np.array([value for _, value in pairs]), observed)
    suspicion = _centred(observed, probability)
    np.testing.assert_array_equal(suspicion > 0, probability > 0.5)
    for place in places:
        assert len(set(probability[places == place])) == 1


def test_monotone_probabilities_are_the_nearest_that_rise():
    # by hand: .5 before .3 become .4 each, and so do ties
    assert _monotone(np.array([0.1, 0.5, 0.3, 0.9]), np.arange(4.0)).tolist() == pytest.approx([0.1, 0.4, 0.4, 0.9])
    assert _monotone(np.array([0.2, 0.6, 0.9]), np.array([1.0, 1.0, 2.0])).tolist() == pytest.approx([0.4, 0.4, 0.9])


def test_doubt_is_held_back_by_the_planted_errors_that_go_unseen():
    # of planted ones that count 3 and 1, the first is more suspect than the least suspect of the doubted ones
    found = _share_found(np.array([5.0, 1.0]), np.array([3.0, 1.0]), np.array([0.0, 2.0, 4.0]), np.array([0.1, 0.6, 1]))
    assert found == 0.75
    assert _believed_by(np.array([0.1, 0.5, 0.6, 1.0]), found).tolist() == pytest.approx([0.1, 0.5, 0.575, 0.875])
    # nothing is doubted
    assert _share_found(np.array([5.0]), np.ones(1), np.zeros(2), np.array([0.1, 0.5])) == 1


def test_wrong_labels_are_told_and_put_right():
    testimony, true, wrong = made(sure=0.95)
    verdicts = judge(replace(testimony, neighbours=None))
    assert verdicts.flagged[wrong].mean() > 0.85
    assert wrong[verdicts.flagged].mean() > 0.97
    assert (verdicts.suggested == true)[wrong].mean() > 0.97
    assert verdicts.suggested_probability[wrong].mean() > 0.75
    assert verdicts.errors.value == pytest.approx(wrong.sum(), rel=0.25)


def test_same_seed_same_verdicts_and_nothing_given_is_changed():
    testimony, _, _ = made()
    for array in (testimony.probs, testimony.labels, *testimony.neighbours):
        array.setflags(write=False)
    one, same = judge(testimony), judge(replace(testimony))
    np.testing.assert_array_equal(one.suspicion, same.suspicion)
    assert one.weights == same.weights
    assert judge(replace(testimony, seed=1)).weights != one.weights


def test_order_of_samples_moves_only_the_draws():
    testimony, _, _ = made(sure=0.7)
    rows = rng_for(0, "order").permutation(SAMPLES)
    place = np.argsort(rows)
    near, distances = testimony.neighbours
    moved = Known(testimony.probs[rows], testimony.labels[rows], neighbours=(place[near[rows]], distances[rows]))
    one, other = judge(testimony), judge(moved)
    assert other.probability == pytest.approx(one.probability[rows], abs=0.05)
    assert (other.flagged == one.flagged[rows]).mean() > 0.995
    assert other.errors.value == pytest.approx(one.errors.value, rel=0.01)
    np.testing.assert_array_equal(other.suggested, one.suggested[rows])
    # nothing is drawn here
    plain, plainly = judge_by_noise(testimony), judge_by_noise(moved)
    assert plainly.probability == pytest.approx(plain.probability[rows], abs=1e-3)


def test_classes_may_be_numbered_otherwise():
    testimony, _, _ = made(sure=0.7)
    order = np.array([2, 0, 3, 1])
    code = np.argsort(order)
    renamed = replace(testimony, probs=testimony.probs[:, order], labels=code[testimony.labels])
    for by, close in ((judge, 0.05), (judge_by_noise, 1e-3)):
        one, other = by(testimony), by(renamed)
        assert other.probability == pytest.approx(one.probability, abs=close)
        np.testing.assert_array_equal(other.suggested, code[one.suggested])


def test_copies_with_another_label_raise_the_suspicion():
    testimony, true, wrong = made(mistakes=0.25)
    testimony = replace(testimony, neighbours=None)
    # sets of four samples of one class
    sets = np.arange(SAMPLES) // (4 * CLASSES) * CLASSES + true
    told, without = judge(replace(testimony, twins=sets)), judge(testimony)
    assert told.weights["twins"] > 0.1
    assert told.signals["twins"][wrong].mean() > 0.8
    assert told.signals["twins"][~wrong].mean() < 0.2

    def place_of(verdicts):
        return np.argsort(np.argsort(verdicts.suspicion))

    assert place_of(told)[wrong].mean() > place_of(without)[wrong].mean() + 5
    others = replace(testimony, twins=np.arange(SAMPLES))  # everything is its only copy
    assert judge(others).signals["twins"].max() == 0
    assert judge(others).weights == without.weights


def test_a_label_that_its_copies_outvote_is_flagged_whatever_models_say():
    testimony, true, _ = made(sure=0.95)
    labels = true.copy()
    labels[0] = (true[0] + 1) % CLASSES
    probs = testimony.probs.copy()
    probs[0] = probs[1]  # models are taken in as well: its neighbour is of that class
    twins = np.full(SAMPLES, -1)
    twins[[0, 4, 8, 12]] = 0
    bare = Known(probs, labels)
    assert not judge(bare).flagged[0]
    told = judge(replace(bare, copies=twins))
    require_sound(told, labels)
    assert told.flagged[0]
    assert told.probability[0] >= replace(bare, copies=twins).contradicted[0] - 1e-9
    assert not told.flagged[[4, 8, 12]].any()


class TestCopies:
    @pytest.fixture
    def known(self):
        testimony, true, _ = made(mistakes=0.1)
        return testimony, true, [copy_of(testimony, true, seed) for seed in range(2)]

    def own_extra(self, testimony, true):
        return {"area_under_margin": np.where(testimony.labels != true, 3.0, -3.0)}

    def test_found_is_the_share_of_planted_errors_that_would_be_flagged(self, known):
        testimony, _, copies = known
        verdicts = judge(testimony, copies)
        believed = verdicts.signals["noise_odds"] < 0
        assert verdicts.power.planted == sum((copy.planted & believed).sum() for copy in copies)
        assert verdicts.power.found > 0.95
        assert judge(testimony, copies, threshold=1.0).power.found == 0
        assert judge(testimony).power is None
        require_sound(verdicts, testimony.labels)

    def test_a_further_signal_is_learned_from_where_copies_have_it_too(self, known):
        testimony, true, copies = known
        extra = self.own_extra(testimony, true)
        assert judge(testimony, copies, extra).weights["area_under_margin"] > 0.05
        for others in ((), [replace(copy, extra={}) for copy in copies], [copies[0], replace(copies[1], extra={})]):
            verdicts = judge(testimony, others, extra)
            assert "area_under_margin" not in verdicts.weights
            assert verdicts.signals["area_under_margin"] is extra["area_under_margin"]
            require_sound(verdicts, testimony.labels)

    def test_a_further_signal_that_tells_nothing_counts_for_little(self, known):
        testimony, true, _ = known
        copies = [copy_of(testimony, true, seed, informative=False) for seed in range(2)]
        noise = rng_for(0, "nothing").normal(size=SAMPLES)
        assert judge(testimony, copies, {"area_under_margin": noise}).weights.get("area_under_margin", 0) < 0.05

    def test_too_few_planted_errors_are_not_learned_from(self, known, monkeypatch):
        testimony, true, copies = known
        extra = self.own_extra(testimony, true)
        monkeypatch.setattr(label_judgement, "FEWEST_REFITTED", 121)
        verdicts = judge(testimony, copies, extra)
        assert verdicts.weights == judge(testimony, (), extra).weights
        assert verdicts.power.found > 0.95
        monkeypatch.setattr(label_judgement, "FEWEST_REFITTED", 120)
        assert judge(testimony, copies, extra).weights != verdicts.weights

    def test_copies_have_one_fit_and_may_still_teach_disagreement(self, known):
        testimony, true, copies = known
        verdicts = judge(twins_and_repeats(testimony, true), copies)
        assert {"disagreement", "twins"} <= set(verdicts.signals)
        require_sound(verdicts, testimony.labels)


def test_many_samples_are_planted_in_draws(monkeypatch):
    testimony, _, _ = made()
    whole = judge(testimony)
    monkeypatch.setattr(label_judgement, "MOST_PLANTED", 400)
    drawn = judge(testimony)
    assert drawn.weights != whole.weights
    assert drawn.probability == pytest.approx(whole.probability, abs=0.1)


def test_by_noise_alone_suspicion_is_log_odds():
    testimony, _, wrong = made()
    verdicts = judge_by_noise(testimony)
    assert verdicts.weights == {"noise_odds": 1.0}
    odds = testimony.signals(testimony.labels)["noise_odds"]
    np.testing.assert_array_equal(verdicts.suspicion, odds)
    assert verdicts.probability == pytest.approx(1 / (1 + np.exp(-odds)))
    assert verdicts.flagged[wrong].mean() >= 0.9


def test_models_that_know_nothing_accuse_nobody_and_say_so():
    rng = rng_for(0, "know nothing")
    labels = rng.integers(0, 3, size=600)
    verdicts = judge(Known(np.full((600, 3), 1 / 3, np.float32), labels))
    assert not verdicts.flagged.any()
    assert "know too little" in verdicts.notes[0]


def test_models_that_know_little_are_told_of():
    rng = rng_for(0, "know little")
    true = np.arange(900) % 3
    probs = rng.dirichlet(np.ones(3), size=900)
    probs[np.arange(900), true] += 0.25
    probs /= probs.sum(axis=1, keepdims=True)
    verdicts = judge(Known(probs.astype(np.float32), true))
    assert "hardly tell the classes apart" in verdicts.notes[0]
    assert not judge(made(sure=0.95)[0]).notes
