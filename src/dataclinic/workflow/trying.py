"""The last arrow of the line: try fixes, weigh their gains, combine and confirm what helped, recommend a treatment."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dataclinic.features import Embeddings, Pictures
from dataclinic.findings import DidNotApply, Failed
from dataclinic.methods.principal_components import principal_components
from dataclinic.progress import silent
from dataclinic.registry import FIXES
from dataclinic.rundir import UNLOADABLE, fingerprint
from dataclinic.rundir.treatment_files import remove_treatment, save_treatment
from dataclinic.rundir.trial_files import RESULT, load_scores, save_scores
from dataclinic.steps.choose_models import choose_trial_model, confirming_model
from dataclinic.steps.run_checks import DATA_FAULTS, run_checks
from dataclinic.steps.try_fixes import Arm, Bench, Combined, Finish, Learner, Tried, World, combine_fixes, try_fixes
from dataclinic.steps.weigh_gains import weigh_gains
from dataclinic.trials import COMBINATION, METRICS, UNTREATED, TrialPlan
from dataclinic.workflow.trial_record import TrialRecord, mean_scores, trusted_entry
from dataclinic.workflow.whole import Whole

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from dataclinic.evidence import Evidence
    from dataclinic.features import Features
    from dataclinic.findings import CheckRecord
    from dataclinic.fixes import Fix
    from dataclinic.settings import Settings
    from dataclinic.steps.weigh_gains import ArmGains
    from dataclinic.trials import FoldScore
    from dataclinic.workflow.line import Line, Prepared
    from dataclinic.workflow.verified import Verified

ROWS_PER_COMPONENT = 14
"""Samples for each dimension that trials train on: ridge_head then answers arms from one decomposition a fold, also for
inner fits on three fifths of the samples."""

FEWEST_COMPONENTS = 256
"""Kept however few samples there are, as a decomposition of so few takes milliseconds."""

IMBALANCED = 5
"""Largest class over smallest from which verdicts go by balanced accuracy: accuracy would hardly hear of the small."""

NOT_CONFIRMED = "nothing that helps the trial model helps the stronger one measurably, so nothing is recommended"

LISTENER = "drop_label_errors"
"""The fix whose checks say which labels look wrong."""

LEAST_ROWS_TRUSTED = 30
"""Verified labels from which a recommendation heeds them."""


def fixes_to_try(names: Sequence[str], prepared: Prepared, trial_model: str) -> tuple[str, ...]:
    """Ids of the fixes that `names` means: ids, or one of "default", "all" and "none".

    Where only a network could be trained, nothing is tried unless it is asked for: it would be trained anew for every
    arm and fold.
    """
    (first, *_) = names
    fitting = [name for name in FIXES.ids() if prepared.dataset.task in FIXES.find(name).tasks]
    if first == "none":
        return ()
    if first == "all":
        return tuple(fitting)
    if first != "default":
        return tuple(dict.fromkeys(FIXES.require(name) for name in names))
    if isinstance(prepared.encoded.features, Pictures) and trial_model == "auto":
        return ()
    return tuple(name for name in fitting if FIXES.find(name).screened)


@dataclass(frozen=True)
class Trying:
    """Trials on what a run prepared and found; `evidence` is that of the audit, of all samples."""

    line: Line
    prepared: Prepared
    evidence: Evidence
    verified: Verified | None

    @property
    def settings(self) -> Settings:
        return self.line.settings

    def run(self, names: Sequence[str], *, keep: bool = False) -> None:
        """Try the fixes called `names`, and write trials.parquet, trials.json and the recommended treatment.

        With `keep`, arms that the run has already tried in the same way stay beside them.
        """
        tried = self._tried({name: self._make(name) for name in names}, keep=keep)
        gains = weigh_gains(tried.scores, self.plan.metric, tried.controls)
        helping = [arm for arm, gain in gains.items() if self._helps(gain)]
        helping.sort(key=lambda arm: -self._weighed(gains[arm]))
        arms = [Arm(name, {name: self._make(name)}) for name in gains]
        combined = self._combined(arms, helping)
        record = TrialRecord(self._whole([*tried.arms, LISTENER]), self.plan.metric)
        content = self._content(tried, gains, record)
        content["combination"] = record.combination(combined)
        if self.settings.confirm and helping:
            content["confirmed"], helping = self._confirmed(helping, record)
            content["notes"] += [] if helping else [NOT_CONFIRMED]
        recommended = self._recommended(helping, combined, gains)
        content["recommended"] = list(recommended)
        self.line.run.write_json(RESULT, content)
        self._save_treatment(recommended, record.whole, content)

    @cached_property
    def plan(self) -> TrialPlan:
        settings = self.settings
        folds, repeats = settings.trial_folds or settings.folds, settings.trial_repeats or settings.repeats
        return TrialPlan(folds, repeats, settings.seed, self._metric())

    @cached_property
    def world(self) -> World:
        prepared = self.prepared
        trusted = None if self.verified is None else self.verified.labels
        return World(
            prepared.dataset,
            self._features,
            prepared.groups,
            prepared.usable,
            prepared.measurements,
            trusted,
        )

    @cached_property
    def _compressed(self) -> int | None:
        """How many principal components stand for the embeddings in trials; None for the embeddings themselves."""
        features = self.prepared.encoded.features
        if self.settings.trial_model != "auto" or not isinstance(features, Embeddings):
            return None
        rows, dims = int(self.prepared.usable.sum()), features.matrix.shape[1]
        components = min(rows - 1, max(FEWEST_COMPONENTS, rows // ROWS_PER_COMPONENT))
        return components if components < dims else None

    @cached_property
    def _features(self) -> Features:
        if self._compressed is None:
            learner = self.bench.learner
            return self.line.features_for({learner.id: learner.model}, self.prepared)
        whole = cast("Embeddings", self.prepared.encoded.features)
        return Embeddings(principal_components(whole.matrix, self.prepared.usable, self._compressed))

    @cached_property
    def bench(self) -> Bench:
        name, model = choose_trial_model(
            self.prepared.dataset,
            self.prepared.encoded.features,
            self.settings.trial_model,
            self.prepared.models,
            self.settings.model_settings,
        )
        return Bench(Learner(name, model, self.line.device), self._examine, DATA_FAULTS)

    def _metric(self) -> str:
        data = self.prepared.dataset
        if self.settings.metric != "auto":
            return self.settings.metric
        if data.task == "regression":
            return next(metric.name for metric in METRICS.values() if metric.task == "regression")
        counts = np.bincount(data.labels[self.prepared.usable])
        return "balanced_accuracy" if counts.max() >= IMBALANCED * counts[counts > 0].min() else "accuracy"

    def _make(self, name: str) -> Fix:
        return FIXES.make(name, self.settings.fixes.get(name))

    def _examine(self, evidence: Evidence, listens: frozenset[str]) -> tuple[CheckRecord, ...]:
        heard = listens - {name.replace("-", "_") for name in self.settings.skip}
        if not heard:
            return ()
        records = run_checks(
            evidence,
            only=heard,
            skip=(),
            settings=self.settings.checks,
            clock=self.line.run.clock,
            progress=silent,
        )
        return tuple(record for record in records if record.check in heard)

    def _tried(self, fixes: Mapping[str, Fix], *, keep: bool) -> Tried:
        run = self.line.run
        setting = fingerprint(
            self.prepared.features_key,
            self.prepared.usable.tobytes(),
            self.plan,
            self.bench.learner.id,
            self.bench.learner.model,
            None if self.world.trusted is None else self.world.trusted.tobytes(),
            self.settings.checks,
            self.settings.skip,
            self._compressed,
        )
        earlier = self._earlier(setting, fixes) if keep else None
        told = self.line.progress

        def compute() -> Tried:
            fresh = try_fixes(self.bench, self.world, fixes, self.plan, told)
            return fresh if earlier is None else earlier.joined(fresh)

        def save(folder: Any, value: Tried) -> None:
            about = {
                "setting": setting,
                "fixes": {name: repr(self._make(name)) for name in value.arms},
                "controls": dict(value.controls),
                "declined": {arm: [type(why).__name__, why.reason] for arm, why in value.declined.items()},
            }
            save_scores(folder, value.scores, about)

        key = fingerprint(setting, fixes, None if earlier is None else earlier.arms)
        return run.remember("try fixes", key, compute, save, _loaded)

    def _earlier(self, setting: str, again: Collection[str]) -> Tried | None:
        """Trials that the run holds, where they were made in the same way, without those that are made `again`."""
        try:
            scores, about = load_scores(self.line.run.path)
        except UNLOADABLE:
            return None
        if about["setting"] != setting:
            return None
        same = [name for name, settings in about["fixes"].items() if settings == repr(self._make(name))]
        return _tried_before(scores, about).only([name for name in same if name not in again])

    def _helps(self, gains: ArmGains) -> bool:
        """Whether an arm helps, on verified labels where there are enough, and does no harm to the other score."""
        given = gains.metrics[self.plan.metric].verdict
        trusted = self._heeded(gains)
        if trusted is None:
            return given == "helps"
        return trusted == "helps"

    def _heeded(self, gains: ArmGains) -> str | None:
        """Verdict on verified labels, where there are enough of them that nobody chose for being suspect."""
        verified = self.verified
        if verified is None or verified.chosen or verified.count < LEAST_ROWS_TRUSTED:
            return None
        gain = gains.trusted.get(self.plan.metric)
        return None if gain is None else gain.verdict

    def _weighed(self, gains: ArmGains) -> float:
        source = gains.metrics if self._heeded(gains) is None else gains.trusted
        return source[self.plan.metric].gain

    def _combined(self, arms: Sequence[Arm], helping: Sequence[str]) -> Combined | None:
        """The combination of what helped, and its scores on folds that had no part in choosing it."""
        if len(helping) < 2:
            return None
        return combine_fixes(self.bench, self.world, arms, helping, self.plan, self.line.told_as("combine fixes"))

    def _recommended(
        self, helping: Sequence[str], combined: Combined | None, gains: Mapping[str, ArmGains]
    ) -> tuple[str, ...]:
        """Fixes of the combination where it measurably helps and gains no less than the best arm, else that arm."""
        if not helping:
            return ()
        if combined is not None and len(combined.fixes) > 1 and set(combined.fixes) <= set(helping):
            together = weigh_gains(combined.scores, self.plan.metric, {})[COMBINATION]
            if self._helps(together) and self._weighed(together) >= self._weighed(gains[helping[0]]):
                return combined.fixes
        return (helping[0],)

    def _whole(self, names: Sequence[str]) -> Whole:
        fixes = {name: self._make(name) for name in names}
        # What is told and written is of the embeddings themselves, whatever the trials trained on.
        learner = self.bench.learner
        features = self.line.features_for({learner.id: learner.model}, self.prepared)
        world = replace(self.world, features=features)
        return Whole(self.bench, world, self.evidence, fixes, self.plan.seed)

    def _content(self, tried: Tried, gains: Mapping[str, ArmGains], record: TrialRecord) -> dict[str, Any]:
        plan = self.plan
        learner = self.bench.learner
        return {
            "model": {"id": learner.id, "description": learner.model.description},
            "metric": plan.metric,
            "folds": plan.folds,
            "repeats": plan.repeats,
            "seed": plan.seed,
            "samples": int(self.prepared.usable.sum()),
            "untreated": mean_scores(tried.scores, UNTREATED),
            "trusted": trusted_entry(tried.scores, UNTREATED, () if self.verified is None else self.verified.notes),
            "noise": record.whole.noise(self._make(LISTENER).listens),
            "arms": record.arms(gains, tried.declined),
            "confirmed": None,
            "notes": [*self._component_notes(), *self._threshold_notes(record.whole, gains)],
        }

    def _component_notes(self) -> list[str]:
        if self._compressed is None:
            return []
        dims = cast("Embeddings", self.prepared.encoded.features).matrix.shape[1]
        return [f"trials trained on {self._compressed:,} principal components of the {dims:,} dimensions"]

    def _threshold_notes(self, whole: Whole, gains: Mapping[str, ArmGains]) -> list[str]:
        """Where moving decisions alone helps: a gain that no change of the data is needed for."""
        alone = whole.alone
        moving = [name for name in gains if name in alone and alone[name].offsets is not None]
        helping = [name for name in moving if self._helps(gains[name])]
        if not helping:
            return []
        best = max(helping, key=lambda name: self._weighed(gains[name]))
        told = f"{best} only moves decisions, without training anew: what other fixes gain beyond it is their own"
        return [f"{told}, the rest is an effect of thresholds, which makes no probability better"]

    def _confirmed(self, helping: Sequence[str], record: TrialRecord) -> tuple[dict[str, Any], list[str]]:
        """The arms that helped, proposed as before and trained by the strongest model that there is for the data.

        Beside the entry of trials.json: those of them that help that model too.
        """
        line, data = self.line, self.prepared.dataset
        name = confirming_model(data, self.bench.learner.id)
        _, model = choose_trial_model(
            data, self.prepared.encoded.features, name, self.prepared.models, self.settings.model_settings
        )
        finish = Finish(Learner(name, model, line.device), line.features_for({name: model}, self.prepared))
        fixes = {arm: self._make(arm) for arm in helping}
        tried = try_fixes(self.bench, self.world, fixes, self.plan, line.told_as("confirm fixes"), finish)
        gains = weigh_gains(tried.scores, self.plan.metric, tried.controls)
        entry = {
            "model": {"id": name, "description": model.description},
            "metric": self.plan.metric,
            "untreated": mean_scores(tried.scores, UNTREATED),
            "arms": record.arms(gains, tried.declined),
        }
        return entry, [arm for arm in helping if arm in gains and self._helps(gains[arm])]

    def _save_treatment(self, recommended: Sequence[str], whole: Whole, content: Mapping[str, Any]) -> None:
        remove_treatment(self.line.run.path)
        if not recommended:
            return
        fixes = {name: whole.fixes[name] for name in recommended}
        treatment = whole.together(tuple(recommended))
        if treatment is None:
            return
        entry = content["combination"] if len(recommended) > 1 else _entry_of(content["arms"], recommended[0])
        about = {
            "fixes": list(recommended),
            "told": treatment.told,
            "model": content["model"]["id"],
            "measured": {name: entry[name] for name in entry if name in MEASURED and entry[name] is not None},
            "settings": {name: asdict(cast("Any", fix)) for name, fix in fixes.items() if fields(cast("Any", fix))},
        }
        if treatment.column_map is not None:
            about["columns"] = {"map": repr(treatment.column_map)}
        save_treatment(self.line.run.path, self.prepared.dataset, whole.rows, whole.part.features, treatment, about)


MEASURED = ("metric", "unit", "gain_pp", "interval_pp", "gain", "interval", "p_adjusted", "verdict")


def _entry_of(arms: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next(arm for arm in arms if arm["arm"] == name)


def _loaded(folder: Path) -> Tried:
    return _tried_before(*load_scores(folder))


def _tried_before(scores: Sequence[FoldScore], about: Mapping[str, Any]) -> Tried:
    outcomes = {kind.__name__: kind for kind in (DidNotApply, Failed)}
    declined = {arm: outcomes[kind](reason) for arm, (kind, reason) in about["declined"].items()}
    return Tried(tuple(scores), about["controls"], declined)
