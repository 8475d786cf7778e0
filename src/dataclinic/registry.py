"""The folders are the registries: every file in `checks/`, `encoders/`, … is one plug-in, found by its name.

Third parties add theirs through entry points of the groups `dataclinic.checks`, `dataclinic.encoders` and so on.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, fields
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from dataclinic.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.checks import Check
    from dataclinic.encoders import Encoder
    from dataclinic.exporters import Exporter
    from dataclinic.fixes import Fix
    from dataclinic.formats import Format
    from dataclinic.models import Model

P = TypeVar("P")


@dataclass(frozen=True)
class Registry(Generic[P]):
    """Plug-ins of one kind; `kind` is the folder's name."""

    kind: str

    def ids(self) -> tuple[str, ...]:
        """Every id, sorted; nothing is imported for it but the (empty) folder itself."""
        return tuple(sorted({*self._built_in, *self._third_party}))

    def find(self, name: str) -> type[P]:
        """The plug-in class called `name`; hyphens and underscores are the same.

        Raises:
            OptionError: there is none; the hint names the nearest.
        """
        plugin = self.require(name)
        if plugin in self._third_party:
            return cast("type[P]", self._third_party[plugin].load())
        module = import_module(f"dataclinic.{self.kind}.{plugin}")
        return cast("type[P]", getattr(module, class_name(plugin)))

    def require(self, name: str) -> str:
        """The id that `name` means; nothing is imported for it.

        Raises:
            OptionError: there is none; the hint names the nearest.
        """
        plugin = name.replace("-", "_")
        if plugin not in self._third_party and plugin not in self._built_in:
            raise OptionError.unknown_value(_singular(self.kind), name, self.ids())
        return plugin

    def make(self, name: str, settings: Mapping[str, Any] | None = None) -> P:
        """A plug-in with `settings` for its fields, each checked against the field's type.

        Raises:
            OptionError: no such plug-in, no such setting, or a value of the wrong type.
        """
        plugin = self.find(name)
        known = tuple(field.name for field in fields(cast("Any", plugin)))
        for key in settings or {}:
            if key not in known:
                raise OptionError.unknown_value(f"setting of {self.kind}.{name}:", key, known or ("it has none",))
        try:
            return TypeAdapter(plugin).validate_python(dict(settings or {}))
        except ValidationError as error:
            raise OptionError.bad_setting(f"{self.kind}.{name}", error.errors()[0]) from error

    @cached_property
    def _built_in(self) -> frozenset[str]:
        package = import_module(f"dataclinic.{self.kind}")
        return frozenset(module.name for module in pkgutil.iter_modules(package.__path__))

    @cached_property
    def _third_party(self) -> dict[str, EntryPoint]:
        found = entry_points(group=f"dataclinic.{self.kind}")
        return {point.name.replace("-", "_"): point for point in found}


def _singular(kind: str) -> str:
    return kind.removesuffix("es") if kind.endswith("xes") else kind.removesuffix("s")


def class_name(plugin: str) -> str:
    """`label_errors` → `LabelErrors`."""
    return "".join(word.capitalize() for word in plugin.split("_"))


CHECKS: Registry[Check] = Registry("checks")
ENCODERS: Registry[Encoder] = Registry("encoders")
EXPORTERS: Registry[Exporter] = Registry("exporters")
FIXES: Registry[Fix] = Registry("fixes")
FORMATS: Registry[Format] = Registry("formats")
MODELS: Registry[Model] = Registry("models")
KINDS: tuple[Registry[Any], ...] = (CHECKS, ENCODERS, EXPORTERS, FIXES, FORMATS, MODELS)
