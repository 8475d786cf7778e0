"""SARIF: its shape by the rules of the schema, levels, fingerprints, baseline states and the cut."""

import json
import re

import pytest
from made_gates import Found, Sample, Story, tell, ten
from made_runs import HOSTILE

from dataclinic.registry import CHECKS
from dataclinic.report import sarif
from dataclinic.report.gate import hold
from dataclinic.report.sarif import sarif_json

# What the schema of SARIF 2.1.0 requires and allows of the objects that we write: (required, allowed) by object.
LOG = ({"version", "runs"}, {"$schema", "version", "runs"})
RUN = ({"tool"}, {"tool", "invocations", "columnKind", "results"})
DRIVER = ({"name"}, {"name", "semanticVersion", "rules"})
RULE = (
    {"id", "shortDescription", "fullDescription", "help"},
    {"id", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"},
)
RESULT = (
    {"message", "ruleId", "ruleIndex", "level", "locations", "partialFingerprints"},
    {"message", "ruleId", "ruleIndex", "level", "kind", "locations", "partialFingerprints", "baselineState"},
)
URI_REFERENCE = re.compile(r"[A-Za-z0-9._~%/-]+")


def has_form(thing, form):
    required, allowed = form
    assert required <= set(thing) <= allowed


def written(run, expression, baseline=None, *, root, gone=False):
    """The one run of the file, each of its objects of the form that the schema asks for."""
    log = json.loads(sarif_json(hold(run, expression, baseline), root=root, gone=gone))
    has_form(log, LOG)
    assert log["version"] == "2.1.0"
    (told,) = log["runs"]
    has_form(told, RUN)
    rules = told["tool"]["driver"]["rules"]
    has_form(told["tool"]["driver"], DRIVER)
    for rule in rules:
        has_form(rule, RULE)
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for invocation in told["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)
    for result in told["results"]:
        _check_result(result, rules)
    return told


def _check_result(result, rules):
    has_form(result, RESULT)
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in {"none", "note", "warning", "error"}
    assert (result["level"] == "none") == (result.get("kind") == "pass")
    assert result.get("baselineState", "new") in {"new", "unchanged", "updated", "absent"}
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    assert URI_REFERENCE.fullmatch(physical["artifactLocation"]["uri"])
    assert physical["region"]["startLine"] >= 1


def told(results):
    return [(result["ruleId"], result["level"], result["message"]["text"].partition(":")[0]) for result in results]


def test_what_breaks_a_limit_is_an_error_what_accuses_a_label_a_warning(tmp_path):
    findings = [Found("label_errors", 3), Found("dark", 4), Found("class_imbalance", subject="owl")]
    run = tell(tmp_path / "run", Story(ten([1, 2]), findings))
    assert told(written(run, "dark > 0, label_errors > 5", root=tmp_path)["results"]) == [
        ("dark", "error", "s4"),
        ("checks.label_errors", "warning", "s3"),
        ("label_errors", "warning", "s1"),
        ("label_errors", "warning", "s2"),
        ("class_imbalance", "note", "owl"),
    ]
    suspects = written(run, "suspects > 1", root=tmp_path)["results"]
    assert [rule for rule, level, _ in told(suspects) if level == "error"] == ["label_errors", "label_errors"]


def test_rules_carry_the_description_of_their_check(tmp_path):
    findings = [Found("dark", 4), Found("home_made", 5)]
    run = tell(tmp_path / "run", Story(ten([1]), findings, checks=["dark", "home_made"]))
    rules = {
        rule["id"]: rule for rule in written(run, "bright > 0, dark > 0", root=tmp_path)["tool"]["driver"]["rules"]
    }
    assert set(rules) == {"bright", "dark", "home_made", "label_errors"}
    assert rules["dark"]["shortDescription"]["text"].lower().startswith(CHECKS.find("dark").summary.lower())
    assert "How it decides" in rules["dark"]["help"]["text"]
    assert "**How it decides**" in rules["dark"]["help"]["markdown"]
    assert "docs/checks/dark.md" in rules["dark"]["help"]["text"]
    assert "docs/suspects.md" in rules["label_errors"]["help"]["text"]
    assert "another package" in rules["home_made"]["help"]["text"]


def test_pictures_are_placed_in_their_file_and_classes_in_the_source(tmp_path):
    source = str(tmp_path / "data" / "animals")
    findings = [Found("class_imbalance", subject="owl")]
    run = tell(tmp_path / "run", Story(ten([1]), findings, record={"source": source}))
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in written(run, "dark > 0", root=tmp_path)["results"]
    ]
    assert uris == ["data/animals/s1", "data/animals"]


def test_fingerprints_stay_with_content_check_and_label(tmp_path):
    def prints(name, samples, findings=()):
        run = tell(tmp_path / name, Story(samples, findings))
        results = written(run, "dark > 0", root=tmp_path)["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    first = prints("a", [Sample("a", "x", "cat", flagged=True)])
    assert first == prints("b", [Sample("moved", "x", "cat", flagged=True)])
    assert first != prints("c", [Sample("a", "x", "dog", flagged=True)])
    assert first != prints("d", [Sample("a", "y", "cat", flagged=True)])
    assert first != prints("e", [Sample("a", "x", "cat")], [Found("dark", 0)])
    assert re.fullmatch(r"[0-9a-f]{16}:1", first[0])
    twice = prints("f", [Sample(name, "x", "cat", flagged=True) for name in "ab"])
    assert [one[-2:] for one in twice] == [":1", ":2"]
    assert len(set(prints("g", [Sample(name, "", "cat", flagged=True) for name in "ab"]))) == 2


def test_with_a_baseline_results_say_whether_they_are_new(tmp_path):
    before = tell(tmp_path / "before", Story(ten([1, 5]), [Found("dark", 3)]))
    after = tell(tmp_path / "after", Story(ten([1, 2]), [Found("dark", 4)]))
    results = written(after, "label_errors > 0", before, root=tmp_path)["results"]
    states = {
        (rule, name): (state["baselineState"], level)
        for state, (rule, level, name) in zip(results, told(results), strict=True)
    }
    assert states == {
        ("label_errors", "s2"): ("new", "error"),
        ("label_errors", "s1"): ("unchanged", "warning"),
        ("dark", "s4"): ("new", "note"),
    }
    more = written(after, "label_errors > 0", before, root=tmp_path, gone=True)["results"]
    absent = [result for result in more if result["baselineState"] == "absent"]
    assert told(absent) == [("dark", "none", "s3"), ("label_errors", "none", "s5")]
    assert len(more) == len(results) + 2


def test_without_a_baseline_nothing_is_called_new(tmp_path):
    run = tell(tmp_path / "run", Story(ten([1])))
    assert all("baselineState" not in result for result in written(run, "dark > 0", root=tmp_path)["results"])


def test_the_worst_of_every_check_stay_where_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RESULTS", 5)
    findings = [Found("dark", row) for row in range(6)] + [Found("blurry", row) for row in range(6)]
    run = tell(tmp_path / "run", Story(ten([1, 2]), findings, checks=["dark", "blurry"]))
    cut = written(run, "blurry > 9, label_errors > 1", root=tmp_path)
    assert told(cut["results"]) == [
        ("label_errors", "error", "s1"),
        ("label_errors", "error", "s2"),
        ("blurry", "note", "s0"),
        ("dark", "note", "s0"),
        ("blurry", "note", "s1"),
    ]
    notes = [note["message"]["text"] for note in cut["invocations"][0]["toolExecutionNotifications"]]
    assert notes == ["5 of 14 problems are in this file, the worst of every check; the run has all."]


def test_labels_that_people_kept_are_no_results(tmp_path):
    run = tell(tmp_path / "run", Story(ten([1, 2]), decisions=[{"id": "s1", "verdict": "keep"}]))
    results = written(run, "dark > 0", root=tmp_path)
    assert told(results["results"]) == [("label_errors", "warning", "s2")]
    assert "people kept" in results["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_checks_that_failed_are_told_and_the_run_is_no_success(tmp_path):
    run = tell(tmp_path / "run", Story(ten(), outcomes={"dark": ("failed", "OSError: {gone}")}))
    (invocation,) = written(run, "label_errors > 5", root=tmp_path)["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "dark failed: OSError: {{gone}}"


@pytest.mark.parametrize("name", [*HOSTILE, "[click](1)", "{0}", "\x00\x1b[31m"], ids=range(len(HOSTILE) + 3))
def test_hostile_names_are_text_and_neither_links_nor_placeholders(tmp_path, name):
    run = tell(tmp_path / "run", Story([Sample(name, "x", "cat", flagged=True)], [Found("dark", 0, reason=name)]))
    results = written(run, "dark > 0", root=tmp_path)["results"]
    assert len(results) == 2
    for result in results:
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)\[[^\]]*(?<!\\)\]\(", text)
        assert not re.search(r"(?<!\{)\{\d+\}(?!\})", text)
        assert text.isprintable()
        assert len(text) < 1000
