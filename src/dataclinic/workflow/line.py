"""The steps in their order, each with what the one before gave it, and what each leaves in the run directory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from dataclinic import __version__
from dataclinic.errors import DataError, OptionError, ProbsError
from dataclinic.evidence import Evidence
from dataclinic.fits import FoldPlan
from dataclinic.methods.agreement import agreement
from dataclinic.methods.target_agreement import target_agreement
from dataclinic.rundir import RunDir, artifacts, content_fingerprint, fingerprint, source_fingerprint
from dataclinic.rundir.embedding_cache import EmbeddingCache
from dataclinic.rundir.event_files import write_event_files
from dataclinic.rundir.tuning import JOURNAL, save_tuning
from dataclinic.search import Journal, Search
from dataclinic.seeding import seed_for
from dataclinic.steps.choose_models import choose_models, encoder_for
from dataclinic.steps.describe_data import data_notes, describe_data
from dataclinic.steps.encode import encode
from dataclinic.steps.find_near_duplicates import find_near_duplicates
from dataclinic.steps.group_duplicates import group_duplicates
from dataclinic.steps.load_dataset import load_dataset
from dataclinic.steps.measure_samples import measure_samples
from dataclinic.steps.predict_out_of_fold import Predicted, predict_out_of_fold
from dataclinic.steps.predict_targets import predict_targets
from dataclinic.steps.rank_suspects import rank_suspects
from dataclinic.steps.rank_targets import rank_targets
from dataclinic.steps.read_probs import read_probs
from dataclinic.steps.read_trusted import trusted_column
from dataclinic.steps.run_checks import run_checks
from dataclinic.steps.tune_model import tune_model
from dataclinic.workflow.judging import describing_vectors, judged, neighbours_of
from dataclinic.workflow.saving import save_verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from dataclinic.arrays import Codes, Mask, Vectors
    from dataclinic.dataset import Dataset
    from dataclinic.encoders import Encoded
    from dataclinic.evidence import Measurements, NearDuplicates, Neighbours
    from dataclinic.features import Features
    from dataclinic.findings import CheckRecord
    from dataclinic.fits import FitHistory
    from dataclinic.models import AnyModel, Model, TargetModel
    from dataclinic.predictions import OutOfFold, OutOfFoldTargets
    from dataclinic.progress import Progress
    from dataclinic.search import Tuning
    from dataclinic.settings import Settings

MEASURED = 2
"""Counts up whenever samples are measured anew: what an older version kept is not reused."""


@dataclass(frozen=True)
class Prepared:
    """All that models train on, and the key of what it was made from."""

    dataset: Dataset
    measurements: Measurements
    groups: Codes
    usable: Mask
    models: Mapping[str, AnyModel]
    encoded: Encoded
    key: str
    vectors: Vectors | None
    neighbours: Neighbours | None
    near_duplicates: NearDuplicates
    own: OutOfFold | None = None
    """What a model of the user's own says, in place of predictions of ours."""

    @property
    def features_key(self) -> tuple[object, ...]:
        """Changes whenever a prediction might."""
        data = self.dataset
        times = None if data.times is None else data.times.tobytes()
        return self.key, self.groups.tobytes(), data.given.tobytes(), data.classes, times


@dataclass(frozen=True)
class Line:
    source: Path
    settings: Settings
    run: RunDir
    device: str
    progress: Progress

    def prepare(self) -> Prepared:
        """Everything before the first training."""
        dataset, data_key = self.load()
        own = self.own_predictions(dataset)
        measurements = self.measure(dataset, data_key)
        usable = _usable(dataset, measurements)
        models = choose_models(dataset, self.settings.model, self.settings.model_settings)
        encoded, key = self.encode(dataset, measurements, models, data_key)
        vectors = describing_vectors(encoded.features, usable)
        neighbours = neighbours_of(self, vectors, usable, key)
        self.progress("find duplicates", 0, 1)
        near = find_near_duplicates(dataset, measurements, neighbours, vectors)
        groups = group_duplicates(dataset, measurements, near)
        self.progress("find duplicates", 1, 1)
        self.run.write_table("samples.parquet", artifacts.samples_frame(dataset, groups))
        return Prepared(dataset, measurements, groups, usable, models, encoded, key, vectors, neighbours, near, own)

    def tune(self, prepared: Prepared, search: Search) -> Tuning:
        """The search for better settings, its results saved."""
        if len(prepared.models) > 1:
            raise OptionError.one_model_to_tune(list(prepared.models))
        (name,) = prepared.models
        given = self.settings.model_settings.get(name, {})
        study = fingerprint(prepared.features_key, prepared.usable.tobytes(), name, given)
        tuning = tune_model(
            prepared.dataset,
            prepared.encoded.features,
            name,
            given,
            groups=prepared.groups,
            usable=prepared.usable,
            search=search,
            journal=Journal(self.run.path / JOURNAL, study),
            device=self.device,
            progress=self.progress,
        )
        settings = self.settings.model_dump(mode="json", exclude_defaults=True, exclude={"tune"})
        save_tuning(self.run.path, tuning, settings)
        return tuning

    def tuned(self, prepared: Prepared, search: Search) -> Prepared:
        """With the settings that a search chose, and a note that says so."""
        tuning = self.tune(prepared, search)
        (name,) = prepared.models
        settings = {**self.settings.model_settings.get(name, {}), **tuning.chosen.settings}
        models = choose_models(prepared.dataset, (name,), {name: settings})
        told = f"settings of {name} were searched on these samples: {tuning.reason}"
        encoded = replace(prepared.encoded, notes=(*prepared.encoded.notes, told))
        return replace(prepared, models=models, encoded=encoded)

    def judge(self, prepared: Prepared, tensorboard: Path | None) -> Evidence:
        """Predict out of fold, check, rank, and write it all down; gives all that the checks looked at."""
        dataset, groups, measurements = prepared.dataset, prepared.groups, prepared.measurements
        evidence, histories = self.evidence(prepared)
        known = _judged(evidence)
        notes = [*dataset.notes, *prepared.encoded.notes]
        notes += data_notes(dataset, prepared.usable, groups, known, self.settings.folds)
        notes += _event_notes(histories, tensorboard)
        model = _told(prepared.models) if self.settings.probs is None else _own_model(self.settings.probs)
        self.run.update(model=model, notes=notes, judged=int(known.sum()))
        records = run_checks(
            evidence,
            only=self.settings.only,
            skip=self.settings.skip,
            settings=self.settings.checks,
            clock=self.run.clock,
            progress=self.progress,
        )
        save_verdicts(self, evidence, records, _ranking(evidence, records, measurements.unreadable))
        return evidence

    def evidence(self, prepared: Prepared) -> tuple[Evidence, Sequence[FitHistory]]:
        """What checks may look at, out-of-fold predictions included, and how training went."""
        dataset, groups, measurements = prepared.dataset, prepared.groups, prepared.measurements
        described = Evidence(
            dataset,
            groups,
            measurements,
            vectors=prepared.vectors,
            neighbours=prepared.neighbours,
            near_duplicates=prepared.near_duplicates,
        )
        if dataset.task == "regression":
            return replace(described, targets=self.predict_targets(prepared)), ()
        predicted = self.predict(prepared) if prepared.own is None else Predicted(prepared.own)
        found = replace(described, out_of_fold=predicted.out_of_fold, dynamics=predicted.dynamics)
        return replace(found, judgement=judged(self, prepared, found)), predicted.histories

    def own_predictions(self, dataset: Dataset) -> OutOfFold | None:
        """What the user's own model says; None where ours are to be trained."""
        if self.settings.probs is None:
            return None
        if dataset.task == "regression":
            raise ProbsError.of_numbers()
        out_of_fold = read_probs(self.settings.probs, dataset)
        self._tell(out_of_fold, dataset, folds=None)
        return out_of_fold

    def features_for(self, models: Mapping[str, AnyModel], prepared: Prepared) -> Features:
        """What `models` train on: the features at hand, or those of the one encoder that they need."""
        needed = {model.encoder for model in models.values()} - {None}
        if not needed or needed == {self.run.record["encoder"]["id"]}:
            return prepared.encoded.features
        data = prepared.dataset
        _, encoded = encode(
            data,
            prepared.measurements.unreadable,
            encoder_for(models, "auto", data),
            self.settings.encoder_settings,
            device=self.device,
            seed=seed_for(self.settings.seed, "encode"),
            progress=self.progress,
        )
        return encoded.features

    def told_as(self, step: str) -> Progress:
        """Progress under another name."""
        return lambda _step, done, total: self.progress(step, done, total)

    def load(self) -> tuple[Dataset, str]:
        self.progress("load", 0, 1)
        dataset = load_source(self.source, self.settings)
        self.progress("load", 1, 1)
        data_key = fingerprint(__version__, content_fingerprint(dataset))
        about = describe_data(dataset)
        self.run.update(device=self.device, dataset={**about, "fingerprint": data_fingerprint(dataset)})
        return dataset, data_key

    def measure(self, dataset: Dataset, data_key: str) -> Measurements:
        return self.run.remember(
            "measure",
            fingerprint(data_key, MEASURED),
            lambda: measure_samples(dataset, workers=None, progress=self.progress),
            artifacts.save_measurements,
            artifacts.load_measurements,
        )

    def encode(
        self, dataset: Dataset, measurements: Measurements, models: Mapping[str, AnyModel], data_key: str
    ) -> tuple[Encoded, str]:
        settings = self.settings
        encoder = encoder_for(models, settings.encoder, dataset, settings.weights)
        weights = source_fingerprint(settings.weights) if settings.weights else None
        key = fingerprint(data_key, encoder, settings.encoder_settings, weights, settings.seed, self.device)
        name, encoded = self.run.remember(
            "encode",
            key,
            lambda: encode(
                dataset,
                measurements.unreadable,
                encoder,
                settings.encoder_settings,
                digests=measurements.content,
                cache=EmbeddingCache.default(),
                device=self.device,
                seed=seed_for(settings.seed, "encode"),
                progress=self.progress,
            ),
            artifacts.save_encoded,
            artifacts.load_encoded,
        )
        self.run.update(encoder={"id": name, "description": encoded.description})
        return encoded, key

    def predict(self, prepared: Prepared) -> Predicted:
        dataset, plan = prepared.dataset, FoldPlan(self.settings.folds, self.settings.repeats, self.settings.seed)
        models = cast("Mapping[str, Model]", prepared.models)
        predicted = self.run.remember(
            "predict",
            fingerprint(prepared.features_key, models, plan),
            lambda: predict_out_of_fold(
                dataset,
                prepared.encoded.features,
                models,
                groups=prepared.groups,
                usable=prepared.usable,
                plan=plan,
                device=self.device,
                progress=self.progress,
            ),
            lambda folder, value: _save_predicted(folder, value, dataset),
            lambda folder: Predicted(artifacts.load_out_of_fold(folder), *artifacts.load_training(folder)),
        )
        if not predicted.out_of_fold.judged.any():
            raise DataError.nothing_judged()
        self._tell(predicted.out_of_fold, dataset, folds=plan.folds)
        return predicted

    def _tell(self, out_of_fold: OutOfFold, dataset: Dataset, *, folds: int | None) -> None:
        scores = agreement(out_of_fold.repeat_probs, dataset.labels)
        self.run.update(temperature=out_of_fold.temperature, accuracy=scores and {"folds": folds, **scores})

    def predict_targets(self, prepared: Prepared) -> OutOfFoldTargets:
        dataset, plan = prepared.dataset, FoldPlan(self.settings.folds, self.settings.repeats, self.settings.seed)
        models = cast("Mapping[str, TargetModel]", prepared.models)
        targets = self.run.remember(
            "predict",
            fingerprint(prepared.features_key, models, plan),
            lambda: predict_targets(
                dataset,
                prepared.encoded.features,
                list(models.values()),
                groups=prepared.groups,
                usable=prepared.usable,
                plan=plan,
                device=self.device,
                progress=self.progress,
            ),
            lambda folder, value: artifacts.save_out_of_fold_targets(folder, value, dataset.ids),
            artifacts.load_out_of_fold_targets,
        )
        if not targets.judged.any():
            raise DataError.nothing_judged()
        self.run.update(errors={"folds": plan.folds, **target_agreement(targets, dataset.given)})
        return targets


def _usable(dataset: Dataset, measurements: Measurements) -> Mask:
    """(samples,) whether a sample can be read.

    Raises:
        DataError: fewer than two classes, or different numbers, are left.
    """
    usable = np.ones(len(dataset), bool)
    usable[list(measurements.unreadable)] = False
    if len(np.unique(dataset.given[usable])) < 2:
        why = next(iter(measurements.unreadable.values()), "none")
        raise DataError.nothing_to_learn(int(usable.sum()), len(dataset), why)
    return usable


def _judged(evidence: Evidence) -> Mask:
    found = evidence.out_of_fold if evidence.targets is None else evidence.targets
    assert found is not None  # noqa: S101 - one of the two is there
    return found.judged


def _told(models: Mapping[str, AnyModel]) -> dict[str, str]:
    return {"id": ", ".join(models), "description": "; ".join(model.description for model in models.values())}


def _own_model(path: Path) -> dict[str, str]:
    return {"id": "own", "description": f"probabilities of your own model, from {path.name}"}


def _event_notes(histories: Sequence[FitHistory], folder: Path | None) -> list[str]:
    """Event files for TensorBoard, and what to tell about them."""
    if folder is None:
        return []
    if not histories:
        return ["no event files were written for TensorBoard: none of the models trains in epochs"]
    fits = write_event_files(folder, artifacts.history_frame(histories))
    return [f"event files of {fits} fits for TensorBoard: tensorboard --logdir {folder}"]


def _ranking(evidence: Evidence, records: Sequence[CheckRecord], unreadable: Mapping[int, str]) -> pd.DataFrame:
    if evidence.targets is not None:
        return rank_targets(evidence.dataset, evidence.targets, records, unreadable)
    return rank_suspects(evidence, records, unreadable)


def _save_predicted(folder: Path, predicted: Predicted, dataset: Dataset) -> None:
    artifacts.save_out_of_fold(folder, predicted.out_of_fold, dataset.ids, dataset.classes)
    artifacts.save_training(folder, predicted.dynamics, predicted.histories)


def load_source(source: Path, settings: Settings) -> Dataset:
    """The data with the settings' roles; a column of trusted labels is no feature.

    Raises:
        DataError: it cannot be read or audited.
    """
    trusted = None if settings.trusted is None else trusted_column(settings.trusted, source)
    return load_dataset(source, replace(settings.roles, trusted=trusted), settings.task)


def data_fingerprint(dataset: Dataset) -> str:
    """Changes whenever samples or labels do: by it `export` sees that the data is what was audited."""
    return fingerprint(content_fingerprint(dataset), dataset.given.tobytes(), dataset.classes)
