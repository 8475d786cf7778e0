"""dataclinic: find the wrong labels in your data, with models that never saw the sample they judge.

>>> run = dataclinic.audit("photos/")  # doctest: +SKIP
>>> run.read_table("ranking.parquet").head()  # doctest: +SKIP
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name → where it lives; imported when first used, so that `import dataclinic` stays quick.
_PUBLIC = {
    "audit": "dataclinic.workflow",
    "export": "dataclinic.workflow.exporting",
    "rank_labels": "dataclinic.steps.rank_labels",
    "try_fixes": "dataclinic.workflow",
    "tune": "dataclinic.workflow",
    "Search": "dataclinic.search",
    "DataclinicError": "dataclinic.errors",
    "ExportOptions": "dataclinic.workflow.exporting",
    "RunDir": "dataclinic.rundir",
    "Settings": "dataclinic.settings",
    "read_settings": "dataclinic.settings",
}

__all__ = [
    "DataclinicError",
    "ExportOptions",
    "RunDir",
    "Search",
    "Settings",
    "__version__",
    "audit",
    "export",
    "rank_labels",
    "read_settings",
    "try_fixes",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        message = f"module 'dataclinic' has no attribute '{name}'"
        raise AttributeError(message)
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
