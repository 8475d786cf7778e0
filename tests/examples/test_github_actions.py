"""The workflow for GitHub Actions: valid YAML, and its commands are those of the program."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / "examples" / "github-actions" / "dataclinic.yml"


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def steps(workflow):
    (job,) = workflow["jobs"].values()
    return job["steps"]


def commands(steps):
    """Every call of the program, its words without what the shell fills in."""
    lines = "\n".join(step.get("run", "") for step in steps).replace("\\\n", " ").splitlines()
    return [shlex.split(line.strip())[1:] for line in lines if line.strip().startswith("dataclinic ")]


def test_every_step_says_what_it_runs_or_uses(workflow, steps):
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow[True]) == {"push", "pull_request"}
    for step in steps:
        assert ("run" in step) != ("uses" in step)
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@v\d+", step["uses"])


def test_commands_and_their_options_are_real(cli, steps):
    called = commands(steps)
    assert [words[0] for words in called] == ["audit", "compare", "check"]
    for words in called:
        known = set(re.findall(r"--[a-z-]+", cli(words[0], "--help").out))
        assert {word for word in words if word.startswith("--")} <= known


def test_its_limits_are_valid(workflow):
    from dataclinic.report.gate import known_names
    from dataclinic.steps.parse_limits import parse_limits

    assert len(parse_limits(workflow["env"]["FAIL_ON"], known_names())) == 3


def test_what_is_uploaded_is_what_was_written(steps):
    (check,) = (words for words in commands(steps) if words[0] == "check")
    written = {check[check.index(option) + 1] for option in ("--junit", "--sarif")}
    uploaded = {
        step["with"].get("sarif_file") or step["with"]["path"] for step in steps if "upload" in step.get("uses", "")
    }
    assert uploaded == written | {"run"}
    assert any(step.get("uses", "").startswith("github/codeql-action/upload-sarif") for step in steps)


def test_alerts_and_run_are_kept_also_where_a_limit_is_broken(steps):
    for step in steps:
        if "upload" in step.get("uses", ""):
            assert step["if"].startswith("always()")


def test_the_baseline_is_the_run_that_the_main_branch_kept(steps):
    (kept,) = (step["with"]["name"] for step in steps if step.get("with", {}).get("path") == "run")
    assert any(f"--name {kept} --dir baseline" in step.get("run", "") for step in steps)
    assert any("--baseline baseline" in step.get("run", "") for step in steps)
