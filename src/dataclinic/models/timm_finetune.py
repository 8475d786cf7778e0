"""Fine-tuning: any network of timm or torchvision, trained on the pictures themselves, from weights or from scratch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path  # noqa: TC003 - settings are checked against it
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import timm
import torch
import torchvision.models
from pydantic import Field
from timm.data.constants import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch import nn

from dataclinic.errors import OptionError, WeightsError
from dataclinic.features import Pictures
from dataclinic.methods.backbone import (
    Architecture,
    Backbone,
    architecture_of,
    backbone_from_file,
    backbone_from_hub,
    has_fixed_size,
    published_weights,
    read_architecture,
)
from dataclinic.methods.network_jobs import NetworkTraining
from dataclinic.methods.training_plan import TrainingPlan
from dataclinic.methods.weight_file import read_weight_file
from dataclinic.models import Interval, SearchSpace, require_honoured
from dataclinic.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import FitJob, FitResult
    from dataclinic.progress import Progress

AUTO = "auto"

PUBLISHED = "convnext_nano.in12k_ft_in1k"
"""With published weights: 16 million parameters that reach 83 % on ImageNet, and fit any GPU."""

UNTRAINED = "resnet18"
"""From scratch: learns from few pictures what networks without its priors need many for."""

NAME = "timm_finetune"


@dataclass(frozen=True)
class TimmFinetune(TrainingPlan):
    """A network of timm or torchvision with a new classifier, all of its weights trained on the pictures' pixels.

    All fits of a call share one learning rate. With device "cuda" and several of them, each trains a fit of its own.

    Attributes:
        architecture: timm name, `torchvision.models.NAME`, or "auto": what the weights say, else `PUBLISHED` where its
            weights can be had, else `UNTRAINED` from scratch.
        weights: .safetensors, .pth or .pt file in the network's own naming; its classifier is left out.
        pretrained: begin with published weights, of the local cache or the hub; None does so where they can be had.
            Plays no part where `weights` are given.
        drop_rate: share of the features that dropout hides from the classifier.
    """

    summary: ClassVar[str] = "a pretrained network trained on the pictures themselves: strongest, wants a GPU"
    task: ClassVar[Task] = "classification"
    encoder: ClassVar[str | None] = "raw_pixels"
    honours: ClassVar[frozenset[str]] = frozenset(Recipe.__dataclass_fields__)
    search_space: ClassVar[SearchSpace] = {
        "learning_rate": Interval(1e-5, 1e-2, log=True),
        "weight_decay": Interval(1e-4, 0.3, log=True),
        "batch_size": Interval(16, 256, log=True),
        "label_smoothing": Interval(0.0, 0.3),
        "drop_rate": Interval(0.0, 0.5),
        "augmentation_strength": Interval(0.0, 2.0),
    }

    architecture: str = AUTO
    weights: Path | None = None
    pretrained: bool | None = None
    drop_rate: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @property
    def description(self) -> str:
        """What runs on this machine, in words."""
        start = self._start()
        rate = "a learning rate found by a range test" if self.learning_rate is None else f"rate {self.learning_rate:g}"
        return (
            f"{start.architecture} {start.origin}, at most {self.epochs} epochs of {self.optimizer} with {rate}, "
            f"torch {torch.__version__}, timm {timm.__version__}"
        )

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        require_honoured(NAME, self.honours, jobs)
        if not isinstance(features, Pictures):
            raise OptionError.model_needs_encoder(NAME, "raw_pixels", type(features).__name__)
        start = self._start()
        build = partial(_network, start, classes, self.drop_rate)
        _require_room(build, features.pixels.shape[1], start.architecture)
        mean, std = start.normalisation()
        training = NetworkTraining(build, self, classes, mean, std)
        return training.all(features.pixels, jobs, device=device, progress=partial(progress, f"train {NAME}"))

    def _start(self) -> _Start:
        if self.weights is not None:
            file = read_weight_file(self.weights)
            meant = architecture_of(file) if self.architecture == AUTO else read_architecture(self.architecture)
            return _Start(meant, partial(_from_path, self.weights), f"with weights {self.weights.name}")
        if self.pretrained is False:
            return self._from_scratch("from scratch")
        wanted = PUBLISHED if self.architecture == AUTO else self.architecture
        refusal = _refusal(wanted)
        if refusal is None:
            return _Start(read_architecture(wanted), backbone_from_hub, "with published weights")
        if self.pretrained:
            raise refusal
        return self._from_scratch(f"from scratch ({refusal.message})")

    def _from_scratch(self, origin: str) -> _Start:
        return _Start(read_architecture(UNTRAINED if self.architecture == AUTO else self.architecture), None, origin)


@dataclass(frozen=True)
class _Start:
    """What training begins with; `load` gives the network without its head, None where there are no weights."""

    architecture: Architecture
    load: Callable[[Architecture], Backbone] | None
    origin: str

    def normalisation(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if self.load is None:
            return IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
        backbone = self.load(self.architecture)
        return backbone.mean, backbone.std


def _from_path(path: Path, architecture: Architecture) -> Backbone:
    return backbone_from_file(read_weight_file(path), architecture)


@cache
def _refusal(architecture: str) -> WeightsError | None:
    """Why published weights cannot be had; asked once, so that what is said to run is what runs."""
    try:
        published_weights(read_architecture(architecture))
    except WeightsError as error:
        return error
    return None


def _network(start: _Start, classes: int, drop_rate: float) -> nn.Module:
    """With a fresh classifier; pictures are brought to the size of a network that takes no other."""
    network, px = _fresh(start.architecture, classes, drop_rate)
    if start.load is not None:
        network.load_state_dict({**network.state_dict(), **start.load(start.architecture).network.state_dict()})
        for layer in _classifiers(network):
            _silence(layer)
    if has_fixed_size(start.architecture):
        return nn.Sequential(nn.Upsample(size=(px, px), mode="bilinear"), network)
    return network


def _classifiers(network: Any) -> Sequence[nn.Module]:
    """The layers that were made anew, since no weights fit them: as timm names them, else the last with weights."""
    named = getattr(network, "pretrained_cfg", {}).get("classifier")
    if named:
        return [network.get_submodule(name) for name in ([named] if isinstance(named, str) else named)]
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1:]


def _silence(layer: nn.Module) -> None:
    """Let training begin with equal probabilities: large random logits would first spoil what the weights know."""
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()


def _fresh(architecture: Architecture, classes: int, drop_rate: float) -> tuple[nn.Module, int]:
    """Randomly initialised, with the side that it was made for."""
    make = {"timm": _timm, "torchvision": _torchvision}[architecture.library]
    try:
        return make(architecture, classes, drop_rate)
    except (TypeError, RuntimeError, ValueError, AssertionError) as error:
        raise WeightsError.cannot_build(str(architecture), error) from error


def _timm(architecture: Architecture, classes: int, drop_rate: float) -> tuple[nn.Module, int]:
    network: Any = timm.create_model(
        architecture.name, num_classes=classes, drop_rate=drop_rate or None, **architecture.options
    )
    return network, int(architecture.options.get("img_size") or network.pretrained_cfg["input_size"][-1])


def _torchvision(architecture: Architecture, classes: int, drop_rate: float) -> tuple[nn.Module, int]:
    dropout = {"dropout": drop_rate} if drop_rate else {}
    return torchvision.models.get_model(architecture.name, weights=None, num_classes=classes, **dropout), 224


def _require_room(build: Callable[[], nn.Module], px: int, architecture: Architecture) -> None:
    """Refuse pictures that shrink to nothing on their way through the network."""
    with torch.random.fork_rng([]), torch.no_grad():
        network = build().eval()
        try:
            network(torch.zeros(1, 3, px, px))
        except (RuntimeError, AssertionError) as error:
            raise WeightsError.pictures_do_not_fit(px, str(architecture), error) from error
