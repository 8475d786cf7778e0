"""What docs/gate.md and docs/compare.md promise is what the program knows."""

import re
from pathlib import Path

import pytest

from dataclinic.limits import NAMES, OPERATORS
from dataclinic.report.gate import known_names
from dataclinic.steps.parse_limits import parse_limits

DOCS = Path(__file__).parents[2] / "docs"


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_name_and_operator_is_explained():
    text = page("gate.md")
    for name in NAMES:
        assert f"`{name}`" in text
    for operator in OPERATORS:
        assert f'"{operator}"' in text


@pytest.mark.parametrize("expression", re.findall(r'--fail-on "([^"]+)"', page("gate.md")))
def test_every_example_is_an_expression(expression):
    assert parse_limits(expression, known_names())


@pytest.mark.parametrize(("name", "command"), [("gate.md", "check"), ("compare.md", "compare")])
def test_every_option_is_real(cli, name, command):
    known = set(re.findall(r"--[a-z-]+", cli(command, "--help").out)) | {"--fail-on"}
    assert set(re.findall(r"(?<![a-z-])--[a-z][a-z-]+", page(name))) <= known


@pytest.mark.parametrize("name", ["gate.md", "compare.md"])
def test_every_link_leads_somewhere(name):
    links = [link for link in re.findall(r"\]\(([^)]+)\)", page(name)) if "://" not in link]
    assert links
    for link in links:
        assert (DOCS / link).exists(), link
