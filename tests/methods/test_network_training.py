from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from toy_pictures import CLASSES, LABELS, LEVELS, PIXELS, Pooled, convolutional, job

from dataclinic.errors import OptionError
from dataclinic.methods.inner_split import inner_rows
from dataclinic.methods.network_passes import Passes
from dataclinic.methods.network_training import TrainingPlan, train_network
from dataclinic.methods.picture_augmentation import views
from dataclinic.methods.training_course import TrainingCourse
from dataclinic.recipe import Recipe
from dataclinic.seeding import seed_for

PLAN = TrainingPlan(
    epochs=6,
    batch_size=16,
    learning_rate=0.03,
    weight_decay=0.01,
    label_smoothing=0,
    augmentation="none",
    ema=False,
    patience=None,
    bfloat16=False,
)
EXACT = replace(PLAN, epochs=1, batch_size=180, optimizer="sgd", weight_decay=0, warmup_share=0, learning_rate=1.0)
"""One update of plain gradient descent on all rows: what it must give can be worked out."""


def train(plan=PLAN, one=None, build=convolutional, pixels=PIXELS, told=lambda *_: None, classes=CLASSES):
    return train_network(build, pixels, one or job(), plan, classes=classes, device="cpu", progress=told, **LEVELS)


def passes_of(one, plan):
    return Passes.of(PIXELS, one, plan, device=torch.device("cpu"), **LEVELS)


def accuracy(result, labels=LABELS):
    return (result.probs.argmax(axis=1) == labels[180:]).mean()


def colours(rows):
    """(rows, 3): what `Pooled` sees of the pictures."""
    return ((PIXELS[rows] / 255 - 0.3) / 0.25).mean(axis=(1, 2))


def initial(seed=0):
    """Weights that `Pooled` begins with in a job of that seed."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed_for(seed, "network"))
        network = Pooled()
    return network.linear.weight.detach().numpy(), network.linear.bias.detach().numpy()


def softmax(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def one_step(weights=None, targets=None):
    """Weights of `Pooled` after the one update of `EXACT`: Nesterov's first is 1.9 times the gradient."""
    weight, bias = initial()
    X = colours(np.arange(180))
    wanted = np.eye(CLASSES)[LABELS[:180]] if targets is None else targets
    share = np.ones(180) if weights is None else weights / weights.mean()
    slope = (softmax(X @ weight.T + bias) - wanted) * share[:, None] / 180
    return weight - 1.9 * slope.T @ X, bias - 1.9 * slope.sum(axis=0)


def probs_after(weight, bias):
    return softmax(colours(np.arange(180, 240)) @ weight.T + bias)


class TestWhatIsLearned:
    def test_learns_what_can_be_learned(self):
        result = train(replace(PLAN, augmentation="flip_crop", ema=True, label_smoothing=0.1))
        assert accuracy(result) > 0.95
        np.testing.assert_allclose(result.probs.sum(axis=1), 1, rtol=1e-5)

    def test_one_update_is_the_gradient_of_the_mean_loss(self):
        np.testing.assert_allclose(train(EXACT, build=Pooled).probs, probs_after(*one_step()), atol=1e-5)

    def test_weights_and_smoothing_enter_the_loss(self):
        weights = np.linspace(0.1, 3, 180)
        smooth = np.eye(CLASSES)[LABELS[:180]] * 0.7 + 0.1
        result = train(replace(EXACT, label_smoothing=0.3), job(weights=weights), Pooled)
        np.testing.assert_allclose(result.probs, probs_after(*one_step(weights, smooth)), atol=1e-5)

    @pytest.mark.parametrize("gamma", [0.5, 2.0])
    def test_hand_worked_update_by_the_focal_loss(self, gamma):
        """Its derivative by the logit j is (δ_yj - p_j) (γ p_y (1 - p_y)^(γ-1) log p_y - (1 - p_y)^γ)."""
        weight, bias = initial()
        X = colours(np.arange(180))
        probs, wanted = softmax(X @ weight.T + bias), np.eye(CLASSES)[LABELS[:180]]
        own = probs[wanted == 1]
        by_logit = gamma * own * (1 - own) ** (gamma - 1) * np.log(own) - (1 - own) ** gamma
        slope = (wanted - probs) * by_logit[:, None] / 180
        after = weight - 1.9 * slope.T @ X, bias - 1.9 * slope.sum(axis=0)
        result = train(replace(EXACT, focal_gamma=gamma), build=Pooled)
        np.testing.assert_allclose(result.probs, probs_after(*after), atol=1e-5)

    @pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
    def test_parts_of_a_batch_give_the_gradients_of_the_whole(self, optimizer):
        plan = replace(PLAN, optimizer=optimizer, batch_size=64, epochs=2)
        whole = train(plan, build=Pooled).probs
        halved = train(plan, build=partial(Pooled, room=20)).probs
        asked = train(replace(plan, micro_batch=10), build=Pooled).probs
        np.testing.assert_allclose(halved, whole, atol=1e-5)
        np.testing.assert_allclose(asked, whole, atol=1e-5)
        assert np.abs(train(replace(plan, batch_size=16), build=Pooled).probs - whole).max() > 1e-3

    def test_a_device_without_room_for_two_pictures_is_an_error(self):
        with pytest.raises(OptionError, match="no memory left"):
            train(build=partial(Pooled, room=1))

    def test_class_without_training_rows_gets_nothing(self):
        present = np.flatnonzero(LABELS[:180] != 1)
        result = train(one=job(train=present))
        assert (result.probs[:, 1] == 0).all()
        assert (result.probs.argmax(axis=1) == LABELS[180:])[LABELS[180:] != 1].mean() > 0.95

    @pytest.mark.parametrize(("rows", "expected"), [([0, 3, 6], [1, 0, 0]), ([], [1 / 3] * 3)])
    def test_nothing_to_tell_apart_needs_no_training(self, rows, expected):
        told = []
        result = train(one=job(train=rows), told=lambda *step: told.append(step))
        np.testing.assert_allclose(result.probs, np.tile(expected, (60, 1)), rtol=1e-6)
        assert result.history == ()
        assert told == [(PLAN.epochs, PLAN.epochs)]

    def test_divergence_is_an_error_with_the_rate(self):
        with pytest.raises(OptionError, match=r"diverged.*1e\+30"):
            train(replace(PLAN, optimizer="sgd", learning_rate=1e30))


class TestRepeatability:
    def test_same_job_same_numbers_and_the_global_state_stays(self):
        plan = replace(PLAN, epochs=3, augmentation="flip_crop", mixup=0.2, ema=True)
        state = torch.get_rng_state()
        first, second, other = (train(plan, job(seed=seed)) for seed in (3, 3, 4))
        assert torch.equal(torch.get_rng_state(), state)
        np.testing.assert_array_equal(first.probs, second.probs)
        assert first.history == second.history
        assert np.abs(first.probs - other.probs).max() > 1e-4

    def test_scored_rows_and_their_labels_change_nothing_that_is_learned(self):
        plan = replace(PLAN, patience=2, inner_share=0.2)
        given = train(plan, job(score_labels=LABELS[180:]))
        others = train(plan, job(score_labels=(LABELS[180:] + 1) % CLASSES))
        fewer = train(plan, job(score=range(200, 210), score_labels=LABELS[200:210]))
        without = train(plan)
        for result in (others, without):
            np.testing.assert_array_equal(result.probs, given.probs)
        np.testing.assert_allclose(fewer.probs, given.probs[20:30], atol=1e-6)
        for result in (given, others, fewer):
            assert tuple(replace(epoch, score_accuracy=None) for epoch in result.history) == without.history
        assert given.history[-1].score_accuracy > 0.9 > others.history[-1].score_accuracy


class TestRecipe:
    @pytest.mark.parametrize(
        "asked",
        [
            {"label_smoothing": 0.4},
            {"focal_gamma": 2.0},
            {"augmentation": "colour_jitter"},
            {"augmentation": "flip_crop"},
            {"augmentation": "randaugment"},
            {"mixup": 0.5},
            {"cutmix": 0.5},
            {"ema": True},
            {"test_time_augmentation": True},
        ],
        ids=str,
    )
    def test_what_a_job_asks_for_wins_over_the_plan(self, asked):
        plan = replace(PLAN, epochs=2)
        plain = train(plan)
        result = train(plan, job(recipe=Recipe(**asked)))
        assert np.abs(result.probs - plain.probs).max() > 1e-5
        np.testing.assert_array_equal(result.probs, train(replace(plan, **asked)).probs)

    def test_test_time_augmentation_averages_the_views(self):
        plan = replace(PLAN, epochs=1)
        averaged = train(replace(plan, test_time_augmentation=True)).probs
        pictures = torch.from_numpy(PIXELS[180:].copy()).permute(0, 3, 1, 2)
        seen = []
        for view in views(pictures):
            pixels = PIXELS.copy()
            pixels[180:] = view.permute(0, 2, 3, 1).numpy()
            seen.append(train(plan, pixels=pixels).probs)
        np.testing.assert_allclose(averaged, np.mean(seen, axis=0), atol=1e-6)

    def test_hand_worked_average_of_weights(self):
        """Three updates: the average takes over the first, then keeps 1 - 2^(-2/3) and 1 - 3^(-2/3) of itself."""
        plan = replace(EXACT, epochs=3, learning_rate=0.3, watch=False, ema=True)
        network, seen = Pooled(), []
        result = train(
            plan,
            build=lambda: network,
            told=lambda *_: seen.append([part.detach().numpy().copy() for part in network.parameters()]),
        )
        average = seen[0]
        for kept, now in ((1 - 2 ** (-2 / 3), seen[1]), (1 - 3 ** (-2 / 3), seen[2])):
            average = [kept * old + (1 - kept) * new for old, new in zip(average, now, strict=True)]
        np.testing.assert_allclose(result.probs, probs_after(*average), atol=1e-5)
        assert np.abs(result.probs - probs_after(*seen[2])).max() > 1e-3


class TestEarlyStopping:
    PLAN = replace(PLAN, epochs=30, patience=2, inner_share=0.2, learning_rate=0.05)

    def test_stops_and_goes_back_to_the_best_inner_loss(self):
        labels = np.where(np.arange(240) % 2, LABELS, np.arange(240) // 5 % CLASSES)
        told = []
        result = train(self.PLAN, job(labels), told=lambda *step: told.append(step))
        losses = [epoch.inner_loss_nats for epoch in result.history]
        best = int(np.argmin(losses))
        assert len(losses) == best + 1 + 2
        assert len(losses) < 30
        assert told[-1] == (30, 30)
        watched = train(self.PLAN, job(labels, score_labels=LABELS[180:])).dynamics.score_probs
        np.testing.assert_allclose(result.probs[np.arange(60), LABELS[180:]], watched[best], atol=1e-5)

    def test_inner_rows_teach_nothing_and_their_labels_decide_when_to_stop(self):
        held = inner_rows(LABELS[:180], None, share=0.2, seed=0)
        assert held.sum() == 36
        pixels = PIXELS.copy()
        pixels[np.flatnonzero(held)] = 255 - pixels[np.flatnonzero(held)]
        plan = replace(self.PLAN, epochs=3, patience=3)
        given, changed = train(plan), train(plan, pixels=pixels)
        assert [epoch.loss_nats for epoch in given.history] == [epoch.loss_nats for epoch in changed.history]
        assert given.history[0].inner_loss_nats != changed.history[0].inner_loss_nats
        assert changed.history[0].inner_loss_nats > given.history[0].inner_loss_nats

    def test_copies_of_a_row_are_never_held_back_from_one_another(self):
        """Held-back copies of what is trained on would say that training still helps."""
        once, twice = np.arange(90), np.tile(np.arange(90), 2)
        grouped = job(train=twice, groups=np.where(twice < 45, twice, -1))
        for one in (job(train=twice), grouped):
            course = TrainingCourse(passes_of(one, self.PLAN), Pooled(), one, 0.1)
            taught, inner = (set(twice[rows.numpy()].tolist()) for rows in (course._taught, course._inner))
            assert len(inner) > 10
            assert not taught & inner
            assert taught | inner == set(once.tolist())

    def test_without_patience_all_rows_teach(self):
        result = train(replace(self.PLAN, patience=None, epochs=3))
        assert all(epoch.inner_loss_nats is None for epoch in result.history)
        assert len(result.history) == 3


class TestDynamics:
    def test_hand_worked_first_epoch(self):
        """All rows in one batch: the first pass is the softmax of the initial weights, the scored rows' after it."""
        result = train(EXACT, job(score_labels=LABELS[180:]), Pooled)
        weight, bias = initial()
        logits = colours(np.arange(180)) @ weight.T + bias
        given = logits[np.arange(180), LABELS[:180]]
        others = np.where(np.eye(CLASSES, dtype=bool)[LABELS[:180]], -np.inf, logits).max(axis=1)
        seen = result.dynamics
        np.testing.assert_allclose(seen.train_probs[0], softmax(logits)[np.arange(180), LABELS[:180]], atol=1e-5)
        np.testing.assert_allclose(seen.train_margins[0], given - others, atol=1e-5)
        np.testing.assert_allclose(seen.score_probs[0], result.probs[np.arange(60), LABELS[180:]], atol=1e-6)
        (epoch,) = result.history
        assert epoch.loss_nats == pytest.approx(-np.log(seen.train_probs[0]).mean(), rel=1e-4)
        assert epoch.accuracy == (given > others).mean()
        assert epoch.learning_rate == 1.0
        assert epoch.score_accuracy == (result.probs.argmax(axis=1) == LABELS[180:]).mean()

    @pytest.mark.parametrize("changes", [{}, {"mixup": 0.5}, {"patience": 3, "inner_share": 0.2}], ids=str)
    def test_every_row_is_seen_in_every_epoch(self, changes):
        result = train(replace(PLAN, **changes), job(score_labels=LABELS[180:]))
        epochs = len(result.history)
        assert result.dynamics.train_probs.shape == result.dynamics.train_margins.shape == (epochs, 180)
        assert result.dynamics.score_probs.shape == (epochs, 60)
        assert result.dynamics.train_probs.dtype == np.float32
        assert (result.dynamics.train_probs > 0).all()
        assert result.dynamics.train_probs[-1].mean() > result.dynamics.train_probs[0].mean()

    def test_wrong_labels_stand_out(self):
        labels = LABELS.copy()
        labels[:18] = (labels[:18] + 1) % CLASSES
        margins = train(one=job(labels)).dynamics.train_margins.mean(axis=0)
        assert margins[:18].max() < np.quantile(margins[18:], 0.05)

    def test_scored_label_that_no_training_row_has_is_impossible(self):
        result = train(one=job(train=np.flatnonzero(LABELS[:180] != 1), score_labels=LABELS[180:]))
        assert (result.dynamics.score_probs[:, LABELS[180:] == 1] == 0).all()
        assert (result.dynamics.score_probs[:, LABELS[180:] != 1] > 0).all()
        right = result.probs.argmax(axis=1) == LABELS[180:]
        assert result.history[-1].score_accuracy == right.mean() <= 2 / 3

    def test_nobody_watches_where_the_plan_does_not(self):
        result = train(replace(PLAN, watch=False))
        assert result.dynamics is None
        assert len(result.history) == PLAN.epochs
        assert train(replace(PLAN, watch=False), job(score_labels=LABELS[180:])).history == result.history


def test_large_networks_are_checkpointed_and_the_plan_decides(monkeypatch):
    switched = []

    class Switchable(nn.Sequential):
        def set_grad_checkpointing(self, enable):
            switched.append(enable)

    def build():
        return Switchable(convolutional())

    plan = replace(PLAN, epochs=1)
    train(plan, build=build)
    assert switched == []
    train(replace(plan, gradient_checkpointing=True), build=build)
    assert switched == [True]
    monkeypatch.setattr("dataclinic.methods.network_passes.CHECKPOINTED_PARAMETERS", 10)
    train(replace(plan, gradient_checkpointing=False), build=build)
    assert switched == [True]
    train(plan, build=build)
    assert switched == [True, True]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_trains_on_the_gpu_with_bfloat16_the_same_twice():
    plan = replace(PLAN, bfloat16=True, augmentation="flip_crop", ema=True)
    first, second = (
        train_network(
            convolutional, PIXELS, job(), plan, classes=CLASSES, device="cuda", progress=lambda *_: None, **LEVELS
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.probs, second.probs)
    assert accuracy(first) > 0.95
