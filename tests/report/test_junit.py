import xml.etree.ElementTree as ET

import pytest
from made_gates import Found, Sample, Story, tell, ten
from made_runs import HOSTILE

from dataclinic.report.gate import hold
from dataclinic.report.junit import junit_xml

# What the XML schema of Jenkins' xUnit plug-in (junit-10.xsd) allows: attributes and children by element.
SUITE = {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}
ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": (SUITE, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"skipped", "error", "failure", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def written(run, expression, baseline=None):
    root = ET.fromstring(junit_xml(hold(run, expression, baseline)).encode())  # noqa: S314 - we wrote it
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    return root


def cases(root, kind):
    return {case.get("name"): case for case in root.iter("testcase") if case.get("classname") == f"dataclinic.{kind}"}


@pytest.fixture
def run(tmp_path):
    outcomes = {"target_errors": ("did not apply", "no numbers"), "bright": ("skipped", "left out")}
    checks = ["dark", "bright", "blurry", "label_errors", "target_errors"]
    return tell(
        tmp_path / "run",
        Story(ten([1, 2]), [Found("dark", 3)], {**outcomes, "blurry": ("failed", "OSError: gone")}, checks),
    )


def test_limits_and_checks_are_cases_and_are_counted(run):
    root = written(run, "label_errors > 1, dark > 5, blurry > 0")
    (suite,) = root
    assert {name: suite.get(name) for name in SUITE - {"timestamp"}} == {
        "name": "dataclinic",
        "tests": "8",
        "failures": "1",
        "errors": "2",
        "skipped": "2",
        "time": "1.250",
    }
    assert suite.get("timestamp") == "2026-08-03T14:05:00"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("8", "1", "2")


def test_a_broken_limit_fails_with_its_value_and_those_who_broke_it(run):
    limits = cases(written(run, "label_errors > 1, dark > 5, blurry > 0"), "limits")
    failure = limits["label_errors > 1"].find("failure")
    assert failure.get("message") == "label_errors > 1: 2 (20.0 %)"
    assert failure.text.splitlines() == ["s1: models say owl, not dog", "s2: models say owl, not owl"]
    assert len(limits["dark > 5"]) == 0
    assert "OSError: gone" in limits["blurry > 0"].find("error").get("message")


def test_checks_say_how_they_ended(run):
    checks = cases(written(run, "dark > 5"), "checks")
    assert checks["dark"].find("system-out").text == "it looked"
    assert checks["dark"].get("time") == "0.250"
    assert checks["bright"].find("skipped").get("message") == "skipped: left out"
    assert checks["target_errors"].find("skipped").get("message") == "did not apply: no numbers"
    assert checks["blurry"].find("error").get("message") == "OSError: gone"


def test_a_failure_names_twenty_and_counts_the_others(tmp_path):
    samples = [Sample(f"s{row}", f"c{row}", "cat", flagged=True) for row in range(30)]
    failure = next(written(tell(tmp_path, Story(samples)), "label_errors > 1").iter("failure"))
    assert len(failure.text.splitlines()) == 21
    assert failure.text.endswith("… and 10 more")


def test_names_with_characters_that_xml_cannot_hold_are_shown_as_signs(tmp_path):
    names = [*HOSTILE, "\x00\x1b[31m", "\udc80 no text", "\ufffe\uffff", "]]>", "<![CDATA[", "&#0;"]
    samples = [Sample(name, f"c{row}", "cat", flagged=True) for row, name in enumerate(names[:-5])]
    findings = [Found("dark", subject=name, reason=f"because {name}") for name in names if "\udc80" not in name]
    outcomes = {"bright": ("failed", "\x00\x1b \udc80 ]]> <b>")}
    run = tell(tmp_path, Story(samples, findings, outcomes, ["dark", "bright"]))
    root = written(run, "label_errors > 0, dark > 0")
    text = "\n".join(failure.text for failure in root.iter("failure"))
    assert "<script>document.title='owned'</script>: " in text
    assert "line one↵line two⇥tab" in text
    assert "␀␛[31m: because ␀␛[31m" in text
    assert "\ufffd\ufffd: because \ufffd\ufffd" in text
    assert "\u202e" not in text
    assert cases(root, "checks")["bright"].find("error").get("message") == "␀␛ \ufffd ]]> <b>"


def test_a_baseline_and_notes_are_properties(tmp_path, run):
    before = tell(tmp_path / "before", Story(ten([1]), decisions=[{"id": "s2", "verdict": "keep"}]))
    properties = {p.get("name"): p.get("value") for p in written(run, "dark > 0", before).iter("property")}
    assert properties["baseline"] == str(before.path)
    assert properties["note 1"].startswith("1 label that people kept")
    assert properties["samples"] == "10"
