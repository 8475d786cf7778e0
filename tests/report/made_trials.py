"""A trials.json made by hand, as the trials of an audit leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    import numpy as np

    from dataclinic.rundir import RunDir

OF_CLASSES = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "worst_class_recall")
OF_NUMBERS = ("mae", "rmse", "pinball")
UNITS = {"log_loss": "nats", "mae": "target units", "rmse": "target units", "pinball": "target units"}
LEVELS = {"accuracy": 0.871, "balanced_accuracy": 0.846, "macro_f1": 0.842, "log_loss": 0.412}
LEVELS |= {"worst_class_recall": 0.713, "mae": 312.5, "rmse": 801.25, "pinball": 156.25}

ARMS = (
    ("relabel_suspects", "relabel 212 of 16,000 labels", 1.8, 0.7, "helps"),
    ("weight_by_confidence", "weight 16,000 labels by the probability of being right", 1.2, 0.6, "helps"),
    ("drop_label_errors", "drop 212 of 16,000 labels", 0.6, 0.7, "no measurable effect"),
    ("class_weights", "classes weigh 0.42 to 3.1", 0.2, 0.5, "no measurable effect"),
    ("focal_loss", "focal loss with γ = 2", 0.04, 0.4, "no measurable effect"),
    ("label_smoothing", "spread 10% of every label over the classes", -0.02, 0.3, "no measurable effect"),
    ("smote", "train on 1,204 new samples beside 16,000", -0.3, 0.6, "no measurable effect"),
    ("oversample", "train on 5,210 repeated samples beside 16,000", -0.4, 0.7, "no measurable effect"),
    ("drop_outliers", "drop 160 of 16,000 samples", -0.5, 0.6, "no measurable effect"),
    ("undersample", "train on 6,600 of 16,000 samples", -4.6, 1.1, "hurts"),
)
"""Name, what it did, gain in percentage points, half its interval, verdict."""

UNTRIED = (
    ("drop_duplicates", "did not apply", "no sample stands there twice"),
    ("logit_adjustment", "did not apply", "classes are balanced: the largest is 1.1 times the smallest"),
    ("test_time_augmentation", "did not apply", "ridge_head trains on vectors, not on pictures"),
    ("borderline_smote", "failed", "ValueError: expected n_neighbors <= n_samples_fit, but n_neighbors = 6"),
)


@dataclass(frozen=True)
class MadeTrials:
    """What made trials look like; `arms` as `ARMS`."""

    arms: tuple[tuple[str, str | None, float, float, str], ...] = ARMS
    task: str = "classification"
    classes: tuple[str, ...] = ("apron", "boot", "coat", "dress", "hat", "shirt")
    trusted: bool = True
    noise: bool = True
    epochs: bool = True
    combined: bool = True
    confirmed: bool = True
    recommended: tuple[str, ...] = ("relabel_suspects", "class_weights")
    untried: tuple[tuple[str, str, str], ...] = UNTRIED


NOTHING_HELPS = MadeTrials(arms=ARMS[2:], combined=False, confirmed=False, recommended=(), trusted=False, epochs=False)


def add_trials(run: RunDir, made: MadeTrials | None = None) -> dict[str, Any]:
    """Write trials.json, and the files that go with a recommendation, into `run`; gives the content."""
    made = made or MadeTrials()
    content = trials_content(made)
    run.write_json("trials.json", content)
    if made.recommended:
        run.write_text("treatment.toml", "# how to train\n")
        run.write_text("training_plan.parquet", "")
    return content


def trials_content(made: MadeTrials) -> dict[str, Any]:
    rng = rng_for(11, "made trials")
    names = OF_CLASSES if made.task == "classification" else OF_NUMBERS
    tried = [_tried(rng, names, made, *arm) for arm in sorted(made.arms, key=lambda arm: -arm[2])]
    base = {name: LEVELS[name] for name in names}
    finetuned = {"id": "timm_finetune", "description": "MobileNetV4 small, 20 epochs, all layers"}
    best = [arm for arm in made.arms if arm[4] == "helps"]
    both = ("combination", "relabel 212 of 16,000 labels, then weight 10 classes", 2.1, 0.7, "helps")
    nothing = {"fixes": [], "reason": "fewer than two fixes help"}
    return {
        "model": {"id": "ridge_head", "description": "ridge regression on one-hot labels, closed form"},
        "metric": names[0],
        "folds": 5,
        "repeats": 3,
        "seed": 0,
        "samples": 20000,
        "untreated": base,
        "trusted": {"rows": 4000, "untreated": base, "notes": ["verified labels are those of the review"]}
        if made.trusted
        else None,
        "noise": {"share": 0.08, "hidden_share": 0.089} if made.noise else None,
        "arms": tried
        + [
            {"arm": name, "fix": name, "settings": f"{name}()", "outcome": outcome, "reason": reason, "told": None}
            for name, outcome, reason in made.untried
        ],
        "combination": {"fixes": ["relabel_suspects", "class_weights"], **_tried(rng, names, made, *both)}
        if made.combined
        else nothing,
        "confirmed": {
            "model": finetuned,
            "metric": names[0],
            "untreated": {**base, names[0]: 0.912},
            "arms": [_tried(rng, names, made, *arm) for arm in best],
        }
        if made.confirmed
        else None,
        "recommended": list(made.recommended),
        "notes": ["Checks of pictures were not run again inside folds: they look at each picture alone."],
    }


def _tried(
    rng: np.random.Generator,
    names: tuple[str, ...],
    made: MadeTrials,
    arm: str,
    told: str | None,
    gain: float,
    half: float,
    verdict: str,
) -> dict[str, Any]:
    metrics = {name: _gain(rng, name, gain, half, verdict, exact=name == names[0]) for name in names}
    first = metrics[names[0]]
    mark = "_pp" if first["unit"] == "pp" else ""
    low, high = (0.0, 0.1) if verdict == "helps" else (0.1, 0.9)
    control = round(gain / 10 - 0.1, 3) if arm.startswith(("drop", "under")) else None
    of_classes = {
        label: {"gain_pp": value, "interval_pp": [value - 2 * half, value + 2 * half]}
        for label in made.classes
        for value in [gain + float(rng.normal(0, 2 * half))]
    }
    flat = {f"{key}{mark}": first[key] for key in ("gain", "interval", "smallest_measurable")}
    return {
        "arm": arm,
        "fix": arm,
        "settings": "".join(part.title() for part in arm.split("_")) + "()",
        "outcome": "tried",
        "reason": None,
        "told": told,
        "metric": names[0],
        "unit": first["unit"],
        **flat,
        "p": first["p_adjusted"] / 10,
        **{key: first[key] for key in ("p_adjusted", "verdict", "relative_error_reduction")},
        f"control_gain{mark}": control,
        f"control_interval{mark}": None if control is None else [control - half, control + half],
        f"over_control{mark}": None if control is None else gain - control,
        f"over_control_interval{mark}": None if control is None else [gain - control - half, gain - control + half],
        "metrics": metrics,
        "trusted": {name: _gain(rng, name, 1.1 * gain, half, verdict, exact=True) for name in names}
        if made.trusted
        else None,
        "classes": of_classes if made.task == "classification" else {},
        "epochs_to_baseline": {"untreated": 18.2, "treated": 11.4} if made.epochs and verdict == "helps" else None,
        "changes": {"dropped": int(100 * high), "relabelled": int(1000 * low), "added": 0, "reweighted": 0},
    }


def _gain(
    rng: np.random.Generator, name: str, gain: float, half: float, verdict: str, *, exact: bool
) -> dict[str, Any]:
    """One metric; others than the first scatter around the given gain, and losses are on their own scale."""
    unit = UNITS.get(name, "pp")
    scale = {"pp": 1.0, "nats": 0.02, "target units": 10.0}[unit]
    value = scale * (gain if exact else gain + float(rng.normal(0, half / 2)))
    half *= scale
    step = value / 100 if unit == "pp" else -value
    before = LEVELS[name]
    error = 1 - before if unit == "pp" else before
    return {
        "unit": unit,
        "untreated": before,
        "treated": before + step,
        "gain": value,
        "interval": [value - half, value + half],
        "p_adjusted": {"helps": 0.0004, "hurts": 0.003}.get(verdict, 0.61),
        "verdict": verdict,
        "smallest_measurable": 1.3 * half,
        "relative_error_reduction": abs(step) / error * (1 if value > 0 else -1),
    }
