"""How a search over a model's settings lies in the run directory: tuning.json, and tuned.toml for `--settings`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dataclinic.errors import RunError
from dataclinic.rundir.directory import replacing
from dataclinic.rundir.toml_text import toml_text
from dataclinic.search import Search, Trial, Tuning

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

JOURNAL = "tuning.journal"
RESULT = "tuning.json"
SETTINGS = "tuned.toml"


def save_tuning(folder: Path, tuning: Tuning, settings: Mapping[str, Any]) -> None:
    """Write tuning.json and tuned.toml.

    Args:
        folder: the run directory.
        tuning: what was found.
        settings: of the run where they are not the defaults, so that tuned.toml names the same data and features.
    """
    with replacing(folder / RESULT) as temporary:
        text = json.dumps(tuning_json(tuning), ensure_ascii=False, indent=2, allow_nan=False, default=str)
        temporary.write_text(text + "\n", encoding="utf-8")
    with replacing(folder / SETTINGS) as temporary:
        temporary.write_text(_header(tuning) + toml_text(tuned_settings(settings, tuning)), encoding="utf-8")


def load_tuning(folder: Path) -> Tuning:
    """What `save_tuning` wrote.

    Raises:
        RunError: it is not there or broken.
    """
    file = folder / RESULT
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        trials = tuple(Trial(**_tupled(trial)) for trial in content["trials"])
        kept = {name: content[name] for name in ("model", "measure", "given", "gain", "standard_error")}
        rows = tuple(content["fold_rows"])
        return Tuning(search=Search(**content["search"]), fold_rows=rows, trials=trials, **kept)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise RunError.broken_file(file, error) from error


def tuning_json(tuning: Tuning) -> dict[str, Any]:
    """tuning.json: which trials are the default, the best and the chosen one and why, then every trial."""
    return {
        "model": tuning.model,
        "measure": tuning.measure,
        "default": tuning.default.number,
        "best": tuning.best.number,
        "chosen": tuning.chosen.number,
        "chosen_settings": {**tuning.given, **tuning.chosen.settings},
        "gain": tuning.gain,
        "standard_error": tuning.standard_error,
        "reason": tuning.reason,
        "given": dict(tuning.given),
        "search": asdict(tuning.search),
        "fold_rows": list(tuning.fold_rows),
        "trials": [asdict(trial) for trial in tuning.trials],
    }


def tuned_settings(settings: Mapping[str, Any], tuning: Tuning) -> dict[str, Any]:
    """`settings` of a run with the tuned model, and what was chosen for it, in place."""
    models = dict(settings.get("models", {}))
    models[tuning.model] = {**models.get(tuning.model, {}), **tuning.chosen.settings}
    return {**settings, "model": tuning.model, "models": {name: values for name, values in models.items() if values}}


def _header(tuning: Tuning) -> str:
    search = tuning.search
    pruned = sum(trial.pruned for trial in tuning.trials)
    lines = (
        f"Settings of {tuning.model} from dataclinic tune: {len(tuning.trials)} trials ({pruned} pruned),",
        f"sampler {search.sampler}, {len(tuning.fold_rows)} inner folds, seed {search.seed}.",
        f"Default {tuning.measure} {tuning.default.loss:.4f}, chosen {tuning.chosen.loss:.4f}:",
        f"{tuning.reason}.",
    )
    return "".join(f"# {line}\n" for line in lines) + "\n"


def _tupled(trial: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in trial.items()}
