"""Rules of the house that no linter knows."""

import ast
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from dataclinic.testing.docs import DOCUMENTED, plugin_page

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
class TestEverySourceFile:
    def test_is_short_and_says_what_it_is_for(self, path):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400
        assert ast.get_docstring(ast.parse(text))

    def test_has_bodies_that_fit_on_a_screen(self, path):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                assert length <= 40, f"{node.name} has {length} lines"

    def test_has_a_name_that_says_something(self, path):
        assert path.stem not in NAMES_THAT_SAY_NOTHING

    def test_catches_no_bugs_and_leaves_printing_to_the_command_line(self, path):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None
                assert "Exception" not in {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print"


@pytest.mark.parametrize("plugins", DOCUMENTED, ids=lambda plugins: plugins.kind)
def test_every_check_and_fix_has_its_docs_page(plugins):
    for name in plugins.ids():
        page = ROOT / "docs" / plugins.kind / f"{name}.md"
        assert page.read_text(encoding="utf-8") == plugin_page(plugins, name), "python -m dataclinic.testing.docs docs"
    assert {page.stem for page in (ROOT / "docs" / plugins.kind).glob("*.md")} == set(plugins.ids())


def test_readme_names_every_command_and_only_real_options(cli):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    help_text = cli("--help").out
    commands = re.findall(r"^│ (\w+) ", help_text, re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        assert f"dataclinic {command}" in readme
    known = set()
    for command in commands:
        known |= set(re.findall(r"--[a-z-]+", cli(command, "--help").out))
    lines = [line for line in readme.splitlines() if "dataclinic " in line]
    used = {option for line in lines for option in re.findall(r"--[a-z-]+", line)}
    assert used <= known | {"--version"}


def test_continuous_integration_runs_the_test_command_of_the_readme():
    command = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[dev]' && .venv/bin/pytest"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_direct_dependency_is_pinned_in_the_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9-]+", requirement)[0].lower()
        assert name in pinned | {"dataclinic"}, name
