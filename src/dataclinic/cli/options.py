"""Options that several commands share."""

# Typer reads the annotations at run time, so Path cannot hide behind TYPE_CHECKING.
from pathlib import Path
from typing import Annotated, Any

import typer

DATA = "Data"
MODEL = "Models"
CHECKS = "Checks"
FIXES = "Fixes"
RUN = "Run"


def option(help_text: str, panel: str, *names: str, metavar: str | None = None) -> Any:
    """An option without a shown default: what is left out is decided by the settings."""
    return typer.Option(*names, help=help_text, rich_help_panel=panel, metavar=metavar, show_default=False)


RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that an audit wrote.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to stdout and nothing else there.")]

PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="Folder of class folders, parquet or CSV file.", show_default=False)
]
LabelOption = Annotated[str | None, option("Label column; guessed and said if left out.", DATA, metavar="COL")]
ImageOption = Annotated[str | None, option("Column of image bytes or paths.", DATA, metavar="COL")]
TextOption = Annotated[str | None, option("Column of texts to learn from.", DATA, metavar="COL")]
IdOption = Annotated[str | None, option("Column that names each sample.", DATA, "--id", metavar="COL")]
GroupOption = Annotated[
    str | None, option("Column of groups (patient, video …) that folds keep together.", DATA, metavar="COL")
]
TimeOption = Annotated[
    str | None, option("Column of times; each sample is judged by models of earlier ones.", DATA, metavar="COL")
]
TaskOption = Annotated[
    str | None, option("classification or regression: predict numbers (default classification).", DATA, metavar="TASK")
]
EncoderOption = Annotated[str | None, option("See: dataclinic list encoders.", MODEL, metavar="ID")]
WeightsOption = Annotated[
    Path | None, option("Pretrained weights (.safetensors, .pth), or folder of a text model.", MODEL, metavar="FILE")
]
ModelOption = Annotated[
    list[str] | None, option("See: dataclinic list models; repeatable, predictions are averaged.", MODEL, metavar="ID")
]
ProbsOption = Annotated[
    Path | None,
    option(
        "Out-of-sample probabilities of your own model (.npy, or .parquet with a column a class).",
        MODEL,
        metavar="FILE",
    ),
]
FlagAboveOption = Annotated[
    float | None, option("Flag labels that are wrong with more than this probability (default 0.5).", CHECKS)
]
PlantedCopiesOption = Annotated[
    int | None, option("Copies of the labels to plant errors in and train on anew (default 1; 0 is quicker).", MODEL)
]
SeedOption = Annotated[int | None, option("Same data, settings and seed: same numbers (default 0).", MODEL)]
DeviceOption = Annotated[str | None, option("auto, cpu, cuda or mps (default auto).", MODEL)]
TRIAL_MODEL_HELP = "Model that trials train (default: ridge_head for embeddings, linear_head for tables)."
MetricOption = Annotated[
    str | None, option("What verdicts go by, e.g. accuracy, balanced_accuracy, log_loss, mae.", FIXES, metavar="NAME")
]
TrustedOption = Annotated[
    str | None,
    option(
        "Labels that people verified: a column, a file with ids and labels, or class folders.", FIXES, metavar="WHAT"
    ),
]
ConfirmOption = Annotated[
    bool, option("Try what helps once more with the strongest model: timm_finetune, tree_ensemble.", FIXES, "--confirm")
]
SetOption = Annotated[
    list[str] | None,
    option(
        "Setting of one plug-in, e.g. checks.high_loss.factor=3; repeatable.", CHECKS, "--set", metavar="NAME=VALUE"
    ),
]
FailOnOption = Annotated[
    str | None,
    option('What is too much, e.g. "label_errors > 2%, split_leakage > 0"; exit code 1 then.', RUN, metavar="LIMITS"),
]
BaselineOption = Annotated[
    Path | None, option("Earlier run: only problems that it did not have count.", RUN, metavar="RUN")
]
SettingsOption = Annotated[Path | None, option("TOML file of settings.", RUN, metavar="FILE")]
OutOption = Annotated[
    Path | None, option("Run directory (default dataclinic-runs/NAME-001, -002 …).", RUN, metavar="RUN")
]
ResumeOption = Annotated[bool, option("Go on with an interrupted run.", RUN, "--resume")]
FreshOption = Annotated[bool, option("Overwrite an earlier run in --out.", RUN, "--fresh")]
