"""Which models to train, and the encoder that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataclinic.dataset import Dataset, Table, Texts
from dataclinic.errors import OptionError
from dataclinic.features import Embeddings, Pictures
from dataclinic.registry import ENCODERS, MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dataclinic.features import Features
    from dataclinic.models import AnyModel

AUTO = "auto"
ANY_VECTORS = "any with vectors"
OF_SENTENCES = "sentence_embeddings"


def choose_models(
    dataset: Dataset, names: Sequence[str], settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, AnyModel]:
    """Models by id, with their settings. "auto" is trees for tables and a linear model for embeddings.

    Args:
        dataset: its task and kind of payload decide.
        names: ids, or "auto".
        settings: of models by id.

    Raises:
        OptionError: no such model or setting, or the model is for another task.
    """
    ids = dict.fromkeys(_automatic(dataset) if name == AUTO else MODELS.require(name) for name in names)
    models: dict[str, AnyModel] = {name: MODELS.make(name, settings.get(name)) for name in ids}
    for name, model in models.items():
        if model.task != dataset.task:
            fitting = [other for other in MODELS.ids() if MODELS.find(other).task == dataset.task]
            raise OptionError.model_for_other_task(name, dataset.task, fitting)
    return models


def choose_trial_model(
    dataset: Dataset,
    features: Features,
    name: str,
    audited: Mapping[str, AnyModel],
    settings: Mapping[str, Mapping[str, Any]],
) -> tuple[str, AnyModel]:
    """Id and model that trials train, hundreds of times over: `name`, or where that is "auto" one that is cheap.

    That is a ridge regression for embeddings, a linear model for the columns of a table and for numbers, and for
    pictures the network that was audited with.

    Args:
        dataset: its task decides.
        features: that the model is to train on.
        name: id, or "auto".
        audited: models of the audit, by id.
        settings: of models by id.

    Raises:
        OptionError: no such model or setting, or the model is for another task.
    """
    if name == AUTO and isinstance(features, Pictures):
        return next(iter(audited.items()))
    chosen = (_of_trials(dataset, features),) if name == AUTO else (name,)
    return next(iter(choose_models(dataset, chosen, settings).items()))


def confirming_model(dataset: Dataset, trial_model: str) -> str:
    """Id of the model that winners of trials are tried with once more: the strongest there is for the data."""
    if dataset.task == "regression":
        return "tree_regression"
    if isinstance(dataset.payload, Table):
        return "tree_ensemble"
    if isinstance(dataset.payload, Texts):
        return "linear_head" if trial_model != "linear_head" else "mlp_head"
    return "timm_finetune"


def encoder_for(models: Mapping[str, AnyModel], encoder: str, dataset: Dataset, weights: Path | None = None) -> str:
    """Id of the encoder whose features all `models` can train on: `encoder`, or what they need where that is "auto".

    Where they need none, "auto" stays, but for texts with weights, which belong to a model of sentences.

    Raises:
        OptionError: they need different ones, another than the one asked for, or one for another kind of data; or
            nothing takes the weights.
    """
    chosen = _fitting_encoder(models, encoder, dataset, weights)
    if weights is not None and not _takes_weights(models, chosen, dataset):
        raise OptionError.weights_without_taker(models, chosen)
    return chosen


def _fitting_encoder(models: Mapping[str, AnyModel], encoder: str, dataset: Dataset, weights: Path | None) -> str:
    needed = {model.encoder for model in models.values()}
    if len(needed) > 1:
        raise OptionError.models_need_encoders(sorted(name or ANY_VECTORS for name in needed))
    (only,) = needed
    if only is None:
        of_sentences = encoder == AUTO and weights is not None and isinstance(dataset.payload, Texts)
        return OF_SENTENCES if of_sentences else encoder
    if encoder.replace("-", "_") not in {only, AUTO}:
        raise OptionError.model_needs_encoder(next(iter(models)), only, encoder)
    wanted, given = ENCODERS.find(only).payload, type(dataset.payload).__name__.lower()
    if wanted != given:
        raise OptionError.model_for_other_data(next(iter(models)), wanted, given)
    return only


def _takes_weights(models: Mapping[str, AnyModel], encoder: str, dataset: Dataset) -> bool:
    if encoder == AUTO:
        return not isinstance(dataset.payload, Table)
    return any("weights" in plugin.__annotations__ for plugin in (ENCODERS.find(encoder), *map(type, models.values())))


def _of_trials(dataset: Dataset, features: Features) -> str:
    if dataset.task == "regression":
        return "huber_regression"
    return "ridge_head" if isinstance(features, Embeddings) else "linear_head"


def _automatic(dataset: Dataset) -> str:
    table = isinstance(dataset.payload, Table)
    if dataset.task == "regression":
        return "tree_regression" if table else "huber_regression"
    return "tree_ensemble" if table else "linear_head"
