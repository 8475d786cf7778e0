import ast
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

from dataclinic.errors import OptionError
from dataclinic.registry import CHECKS, KINDS, class_name

PLUGINS = [(registry, name) for registry in KINDS for name in registry.ids()]


@pytest.mark.parametrize(("registry", "name"), PLUGINS, ids=lambda value: getattr(value, "kind", value))
def test_file_name_is_id_is_class_and_there_is_one_public_thing(registry, name):
    plugin = registry.find(name)
    assert plugin.__name__ == class_name(name)
    assert is_dataclass(plugin)
    assert plugin.__dataclass_params__.frozen
    assert isinstance(plugin.summary, str)
    assert repr(registry.make(name)).startswith(f"{plugin.__name__}(")


@pytest.mark.parametrize("name", CHECKS.ids())
def test_docstring_of_a_check_has_the_sections_of_its_docs_page(name):
    text = CHECKS.find(name).__doc__
    for section in ("What it finds:", "Why it matters:", "How it decides:", "Known limits:", "Fixes:", "References:"):
        assert section in text


@pytest.mark.parametrize(("registry", "name"), PLUGINS, ids=lambda value: getattr(value, "kind", value))
def test_a_plugin_has_its_own_test_file(registry, name):
    tests = Path(__file__).parent / registry.kind
    assert (tests / f"test_{name}.py").exists() or list(tests.glob(f"test_{name}*.py"))


def test_hyphens_are_accepted():
    assert CHECKS.find("label-errors") is CHECKS.find("label_errors")


def test_unknown_name_hints_at_the_nearest():
    with pytest.raises(OptionError, match="unknown check 'label_erors'") as caught:
        CHECKS.find("label_erors")
    assert caught.value.hint.startswith("did you mean 'label_errors'?")


def test_settings_are_checked_by_name_and_type():
    assert CHECKS.make("high_loss", {"factor": 3}).factor == 3.0
    with pytest.raises(OptionError) as caught:
        CHECKS.make("high_loss", {"facto": 3})
    assert "factor" in caught.value.hint
    with pytest.raises(OptionError, match=r"checks\.high_loss\.factor cannot be 'wide'"):
        CHECKS.make("high_loss", {"factor": "wide"})


def test_ids_are_found_without_importing_the_plugins():
    source = ast.parse(Path(import_module("dataclinic.registry").__file__).read_text(encoding="utf-8"))
    imported = [node.module for node in ast.walk(source) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in imported if name and name.count(".") > 1]


def test_third_party_plugins_come_through_entry_points(monkeypatch):
    class Point:
        name = "my-check"

        @staticmethod
        def load():
            return CHECKS.find("high_loss")

    monkeypatch.setattr(
        "dataclinic.registry.entry_points", lambda group: [Point] if group == "dataclinic.checks" else []
    )
    registry = type(CHECKS)("checks")
    assert "my_check" in registry.ids()
    assert fields(registry.make("my-check"))[0].name == "factor"
