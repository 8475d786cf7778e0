"""The trial as a whole: what fixes are shown, what models train on, and that nobody sees the outer fold."""

import time
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pytest

from dataclinic.features import Embeddings
from dataclinic.findings import DidNotApply, Failed
from dataclinic.fits import Epoch, FitResult
from dataclinic.progress import silent
from dataclinic.registry import FIXES, MODELS
from dataclinic.steps.run_checks import DATA_FAULTS, run_checks
from dataclinic.steps.try_fixes import Bench, Finish, Learner, World, combine_fixes, try_fixes
from dataclinic.steps.try_fixes.arms import CONTROL_PREFIX, Arm
from dataclinic.steps.try_fixes.combining import measured_combination
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset
from dataclinic.treatments import Treatment
from dataclinic.trials import COMBINATION, UNTREATED, TrialPlan


def examine(evidence, listens):
    return run_checks(evidence, only=listens, skip=(), settings={}, clock=time.perf_counter, progress=silent)


@dataclass(frozen=True)
class Spy:
    """A fix that remembers every part it was shown."""

    action: object = lambda _part: DidNotApply("only looking")
    seen: list = field(default_factory=list)
    summary: ClassVar[str] = "looks"
    tasks: ClassVar[frozenset] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset] = frozenset({"label_errors", "high_loss", "target_errors"})

    def propose(self, part):
        self.seen.append(part)
        return self.action(part)


@dataclass(frozen=True)
class NearestCentre:
    """A quick classifier that remembers every job."""

    calls: list = field(default_factory=list)
    honours: ClassVar[frozenset] = frozenset()
    encoder: ClassVar = None
    task: ClassVar[str] = "classification"
    description: ClassVar[str] = "nearest class mean"

    def run(self, features, jobs, *, classes, device, progress):
        self.calls.append(jobs)
        return [self._fit(features, job, classes) for job in jobs]

    def _fit(self, features, job, classes):
        vectors = features.vectors(job.train_rows).astype(np.float64)
        weights = np.ones(len(job.train_rows)) if job.weights is None else job.weights
        sums = np.zeros((classes, vectors.shape[1]))
        np.add.at(sums, job.labels, weights[:, None] * vectors[job.train_rows])
        total = np.bincount(job.labels, weights, minlength=classes)
        centres = sums / np.maximum(total, 1e-9)[:, None]
        distance = ((vectors[job.score_rows][:, None] - centres) ** 2).sum(axis=2)
        distance[:, total == 0] = np.inf
        odds = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / 2)
        probs = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
        return FitResult(probs, (Epoch(0.1, 1.0, 0.5, score_accuracy=0.25),))

    @property
    def jobs(self):
        return [job for call in self.calls for job in call]


def world_of(samples=200, classes=3, flips=0.1, seed=0, **changes):
    vectors, labels = gaussian_classes(samples, classes, apart=2.5, seed=seed)
    given, _ = switch_labels(labels, flips, classes=classes, seed=seed)
    dataset = table_dataset(vectors, given)
    world = World(dataset, Embeddings(vectors), np.arange(samples), np.ones(samples, bool))
    return replace(world, **changes)


def bench_of(model=None):
    return Bench(Learner("nearest", model or NearestCentre(), "cpu"), examine, DATA_FAULTS)


PLAN = TrialPlan(folds=4, repeats=2, seed=7)


class TestNobodySeesTheOuterFold:
    def test_no_model_behind_a_proposal_was_trained_on_the_outer_fold_or_a_group_of_it(self):
        groups = np.arange(200) // 2
        model = NearestCentre()
        try_fixes(bench_of(model), world_of(groups=groups), {"spy": Spy()}, PLAN, silent)
        for inner, outer in zip(model.calls[::2], model.calls[1::2], strict=True):
            for job in inner:
                assert not np.isin(groups[job.train_rows], groups[job.score_rows]).any()
                # its answers go to two training parts, each without the other's fold
                assert sum(not np.isin(job.score_rows, other.train_rows).all() for other in outer) == 2
            for job in outer:
                assert not np.isin(groups[job.train_rows], groups[job.score_rows]).any()
                assert len(job.train_rows) + len(job.score_rows) == 200

    def test_what_a_fix_is_shown_does_not_change_with_the_labels_and_vectors_of_the_outer_fold(self):
        """Each outer fold in turn is turned into nonsense; the part that belongs to it must stay as it was."""
        world, spy = world_of(), Spy()
        model = NearestCentre()
        try_fixes(bench_of(model), world, {"spy": spy}, replace(PLAN, repeats=1), silent)
        folds = [job.score_rows for job in model.calls[1]]
        for fold, rows in enumerate(folds):
            labels, vectors = world.dataset.labels.copy(), world.features.matrix.copy()
            labels[rows] = (labels[rows] + 1) % 3
            vectors[rows] = 1e3
            again = Spy()
            nonsense = replace(world, dataset=replace(world.dataset, labels=labels), features=Embeddings(vectors))
            # folds are drawn by label, so they are held as they were
            with pytest.MonkeyPatch.context() as patch:
                drawn = np.full((1, 200), -1)
                for number, own in enumerate(folds):
                    drawn[0, own] = number
                patch.setattr("dataclinic.steps.try_fixes.outer.draw_folds", lambda *_, drawn=drawn, **__: drawn)
                try_fixes(bench_of(), nonsense, {"spy": again}, replace(PLAN, repeats=1), silent)
            one, other = spy.seen[fold], again.seen[fold]
            assert np.array_equal(one.labels, other.labels)
            assert np.array_equal(one.features.matrix, other.features.matrix)
            assert np.array_equal(
                one.evidence.out_of_fold.repeat_probs, other.evidence.out_of_fold.repeat_probs, equal_nan=True
            )
            assert np.array_equal(one.suspects, other.suspects)

    def test_a_part_holds_no_row_of_its_outer_fold(self):
        spy, model = Spy(), NearestCentre()
        try_fixes(bench_of(model), world_of(), {"spy": spy}, PLAN, silent)
        outer = [job for call in model.calls[1::2] for job in call]
        for part, job in zip(spy.seen, outer, strict=True):
            assert list(part.evidence.dataset.ids) == [str(row) for row in job.train_rows]

    def test_with_times_every_model_is_of_earlier_samples_alone(self):
        times = np.random.default_rng(0).permutation(200).astype(float)
        world = world_of()
        world = replace(world, dataset=replace(world.dataset, times=times))
        model, spy = NearestCentre(), Spy()
        try_fixes(bench_of(model), world, {"spy": spy}, PLAN, silent)
        assert model.jobs
        for job in model.jobs:
            assert times[job.train_rows].max() < times[job.score_rows].min()
        judged = [part.evidence.out_of_fold.judged.sum() for part in spy.seen]
        assert judged[0] == 0
        assert judged[3] > judged[2] > judged[1] > 0

    def test_two_outer_folds_draw_inner_ones_of_their_own(self):
        spy, model = Spy(), NearestCentre()
        try_fixes(bench_of(model), world_of(), {"spy": spy}, TrialPlan(folds=2, repeats=1), silent)
        assert all(part.evidence.out_of_fold.judged.all() for part in spy.seen)
        for job in model.calls[0]:
            assert not np.isin(job.train_rows, job.score_rows).any()


class TestArms:
    def test_all_arms_share_seed_and_scored_rows_and_the_untreated_one_is_as_given(self):
        model = NearestCentre()
        world = world_of()
        fixes = {"drop_label_errors": FIXES.make("drop_label_errors")}
        try_fixes(bench_of(model), world, fixes, PLAN, silent)
        for call in model.calls[1::2]:
            by_fold = {}
            for job in call:
                by_fold.setdefault(job.score_rows.tobytes(), []).append(job)
            for jobs in by_fold.values():
                assert len(jobs) == 3
                assert len({job.seed for job in jobs}) == 1
                untreated, dropped, at_random = jobs
                assert np.array_equal(untreated.labels, world.dataset.labels[untreated.train_rows])
                assert len(dropped.train_rows) == len(at_random.train_rows) < len(untreated.train_rows)
                assert not np.array_equal(dropped.train_rows, at_random.train_rows)

    def test_planted_flips_make_dropping_suspects_better_than_dropping_at_random(self):
        world = world_of(400, flips=0.3)
        fixes = {"drop_label_errors": FIXES.make("drop_label_errors")}
        tried = try_fixes(bench_of(MODELS.make("linear_head")), world, fixes, PLAN, silent)
        mean = {
            arm: np.mean([score.given["accuracy"] for score in tried.scores if score.arm == arm])
            for arm in (UNTREATED, "drop_label_errors", CONTROL_PREFIX + "drop_label_errors")
        }
        assert mean["drop_label_errors"] > mean[UNTREATED]
        assert mean["drop_label_errors"] > mean[CONTROL_PREFIX + "drop_label_errors"]

    def test_scored_labels_are_those_given_and_trusted_ones_stand_beside_them(self):
        _, labels = gaussian_classes(200, 3, apart=2.5)
        trusted = np.where(np.arange(200) % 2 == 0, labels, -1)
        tried = try_fixes(bench_of(), world_of(flips=0.3, trusted=trusted), {}, PLAN, silent)
        for score in tried.scores:
            assert 20 <= score.trusted_rows <= 30
            assert score.trusted["accuracy"] > score.given["accuracy"]

    def test_an_arm_that_only_moves_decisions_trains_no_model(self):
        offsets = np.array([100.0, 0.0, 0.0])
        spy = Spy(lambda part: Treatment(part.rows, part.labels, "always the first", offsets=offsets))
        model = NearestCentre()
        tried = try_fixes(bench_of(model), world_of(), {"spy": spy}, PLAN, silent)
        assert all(len(call) == 4 for call in model.calls[1::2])
        shares = [score.recalls for score in tried.scores if score.arm == "spy"]
        assert all(share == (1.0, 0.0, 0.0) for share in shares)

    def test_an_arm_without_use_in_some_folds_is_there_the_untreated_one(self):
        turns = iter(range(100))

        def sometimes(part):
            if next(turns) % 2:
                return DidNotApply("not today")
            return Treatment(part.rows[:50], part.labels[:50], "the first 50")

        tried = try_fixes(bench_of(), world_of(), {"spy": Spy(sometimes)}, PLAN, silent)
        of = {(score.arm, score.repeat, score.fold): score for score in tried.scores}
        assert len(of) == 3 * 8
        for repeat in range(2):
            assert of["spy", repeat, 1].given == of[UNTREATED, repeat, 1].given
            assert of["spy", repeat, 0].changes.dropped == 100

    def test_an_arm_that_fails_on_a_part_or_never_applies_is_said_and_not_scored(self):
        def broken(part):
            message = "no such luck"
            raise ValueError(message)

        fixes = {"broken": Spy(broken), "idle": Spy()}
        tried = try_fixes(bench_of(), world_of(), fixes, PLAN, silent)
        assert tried.declined == {"broken": Failed("ValueError: no such luck"), "idle": DidNotApply("only looking")}
        assert {score.arm for score in tried.scores} == {UNTREATED}

    def test_a_bug_in_a_fix_is_not_taken_for_a_failure(self):
        def bug(part):
            raise TypeError

        with pytest.raises(TypeError):
            try_fixes(bench_of(), world_of(), {"bug": Spy(bug)}, PLAN, silent)

    def test_asking_a_model_to_train_as_it_does_is_not_tried(self):
        model = MODELS.make("linear_head", {"label_smoothing": 0.1})
        bench = Bench(Learner("linear_head", model, "cpu"), examine, DATA_FAULTS)
        fixes = {"label_smoothing": FIXES.make("label_smoothing", {"share": 0.1})}
        tried = try_fixes(bench, world_of(), fixes, PLAN, silent)
        told = "linear_head already trains with label_smoothing=0.1"
        assert tried.declined == {"label_smoothing": DidNotApply(told)}

    def test_the_same_inputs_give_the_same_scores(self):
        fixes = {name: FIXES.make(name) for name in ("drop_label_errors", "relabel_suspects")}
        one, two = (try_fixes(bench_of(), world_of(), fixes, PLAN, silent) for _ in range(2))
        assert one == two

    def test_another_model_can_finish_what_was_proposed_and_says_what_it_cannot_train_on(self):
        from dataclinic.recipe import Recipe

        recipe = Spy(lambda part: Treatment(part.rows, part.labels, "smoothed", recipe=Recipe(label_smoothing=0.1)))
        world = world_of()
        finish = Finish(Learner("other", NearestCentre(), "cpu"), Embeddings(world.features.matrix[:, :2]))
        fixes = {"recipe": recipe, "drop_label_errors": FIXES.make("drop_label_errors")}
        tried = try_fixes(bench_of(), world, fixes, PLAN, silent, finish)
        assert tried.declined == {"recipe": DidNotApply("other does not follow label_smoothing")}
        plain = try_fixes(bench_of(), world, {}, PLAN, silent)
        weaker = [score.given["accuracy"] for score in tried.scores if score.arm == UNTREATED]
        assert np.mean(weaker) < np.mean([score.given["accuracy"] for score in plain.scores])

    def test_arms_of_earlier_trials_stand_beside_later_ones(self):
        world = world_of()
        first = try_fixes(bench_of(), world, {"drop_label_errors": FIXES.make("drop_label_errors")}, PLAN, silent)
        later = try_fixes(bench_of(), world, {"relabel_suspects": FIXES.make("relabel_suspects")}, PLAN, silent)
        both = first.joined(later)
        assert set(both.arms) == {"drop_label_errors", "relabel_suspects"}
        assert len([score for score in both.scores if score.arm == UNTREATED]) == 8
        assert both.only(["relabel_suspects"]) == later


class TestRegression:
    def test_targets_are_scored_by_their_errors(self):
        rng = np.random.default_rng(1)
        vectors = rng.normal(size=(150, 4)).astype(np.float32)
        targets = vectors @ np.array([1.0, -2.0, 0.5, 0.0]) + rng.normal(scale=0.1, size=150)
        dataset = replace(table_dataset(vectors, np.zeros(150, np.int64)), targets=targets, classes=())
        world = World(dataset, Embeddings(vectors), np.arange(150), np.ones(150, bool))
        bench = Bench(Learner("huber_regression", MODELS.make("huber_regression"), "cpu"), examine, DATA_FAULTS)
        spy = Spy(lambda part: Treatment(part.rows[:30], part.given[:30], "the first 30"))
        tried = try_fixes(bench, world, {"spy": spy}, TrialPlan(folds=3, repeats=1, metric="mae"), silent)
        errors = {arm: [s.given["mae"] for s in tried.scores if s.arm == arm] for arm in (UNTREATED, "spy")}
        assert np.mean(errors[UNTREATED]) < 0.12
        assert np.mean(errors["spy"]) > np.mean(errors[UNTREATED])
        assert spy.seen[0].evidence.targets.judged.all()


class TestCombination:
    def test_fixes_that_help_in_different_ways_are_combined_and_measured_without_peeking(self):
        vectors, labels = gaussian_classes(3000, 3, apart=1.0)
        rows = np.sort(
            np.concatenate([np.flatnonzero(labels == code)[:size] for code, size in enumerate((60, 200, 900))])
        )
        everyone = np.ones(len(rows), bool)
        world = World(
            table_dataset(vectors[rows], labels[rows]), Embeddings(vectors[rows]), np.arange(len(rows)), everyone
        )

        def shift(code):
            offsets = np.where(np.arange(3) == code, -2.0, 0.0)
            return Spy(lambda part: Treatment(part.rows, part.labels, f"shift {code}", offsets=offsets))

        arms = [Arm(name, {name: shift(code)}) for code, name in enumerate(("rarest", "rarer"))]
        plan = TrialPlan(folds=3, repeats=1)
        combined = combine_fixes(bench_of(), world, arms, ["rarest", "rarer"], plan, silent)
        assert combined.fixes == ("rarest", "rarer")
        assert {score.arm for score in combined.scores} == {UNTREATED, COMBINATION}
        assert len(combined.scores) == 6
        means = {
            arm: np.mean([s.given["accuracy"] for s in combined.scores if s.arm == arm])
            for arm in (UNTREATED, COMBINATION)
        }
        assert means[COMBINATION] > means[UNTREATED]

    def test_a_first_period_too_short_to_choose_by_chooses_nothing(self):
        times = np.repeat(np.arange(4.0), 50)
        world = world_of()
        world = replace(world, dataset=replace(world.dataset, times=times))
        arms = [Arm("drop", {"drop": FIXES.make("drop_label_errors")})]
        scores = measured_combination(bench_of(), world, arms, TrialPlan(folds=3, repeats=1), silent)
        of = {(score.arm, score.fold): score.given for score in scores}
        assert of[COMBINATION, 0] == of[UNTREATED, 0]
        assert len(of) == 6

    def test_the_choice_for_an_outer_fold_never_sees_it(self):
        model, spy = NearestCentre(), Spy()
        world = world_of(150)
        arms = [Arm("spy", {"spy": spy}), Arm("drop", {"drop": FIXES.make("drop_label_errors")})]
        plan = TrialPlan(folds=3, repeats=1, seed=3)
        scores = measured_combination(bench_of(model), world, arms, plan, silent)
        held_out = [set(map(str, job.score_rows)) for job in model.calls[-1]]
        # parts of the choosing trials are of samples of one training part each
        for part in spy.seen:
            ids = set(part.evidence.dataset.ids)
            assert any(not ids & held for held in held_out)
        assert {score.fold for score in scores} == {0, 1, 2}
