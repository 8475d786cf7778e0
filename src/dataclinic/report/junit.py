"""JUnit XML of a gate: a test case a limit, and one a check, so that CI shows what was held and what did not run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataclinic.report.gate import MOST_OFFENDERS
from dataclinic.report.suspects import finite
from dataclinic.report.wording import SPACE, number, percent, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.limits import Judged
    from dataclinic.report.gate import Gate

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def junit_xml(gate: Gate) -> str:
    """One test suite: a broken limit is a failure, one that cannot be answered an error, as is a check that failed.

    Checks that were skipped or did not apply are skipped cases. Names and reasons of the data are shown as text, with
    signs for characters that XML or a terminal would not show.
    """
    cases = [_limit_case(gate, judged) for judged in gate.limits]
    cases += [_check_case(entry) for entry in gate.audited.checks]
    counts = {name: str(sum(case.find(tag) is not None for case in cases)) for name, tag in _COUNTED.items()}
    seconds = sum(float(case.get("time", "0")) for case in cases)
    about = {"name": "dataclinic", "tests": str(len(cases)), **counts, "time": f"{seconds:.3f}"}
    suites = ET.Element("testsuites", {name: value for name, value in about.items() if name != "skipped"})
    suite = ET.SubElement(suites, "testsuite", about | _when(gate.audited.record))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(gate).items():
        ET.SubElement(properties, "property", {"name": name, "value": _text(value)})
    suite.extend(cases)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _when(record: Mapping[str, Any]) -> dict[str, str]:
    """The end of the audit as JUnit writes it: without a zone, which is UTC here; nothing where it is not known."""
    finished = record.get("finished")
    if not isinstance(finished, str):
        return {}
    return {"timestamp": datetime.fromisoformat(finished).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _properties(gate: Gate) -> dict[str, str]:
    baseline = {} if gate.baseline is None else {"baseline": str(gate.baseline.run.path)}
    notes = {f"note {place}": note for place, note in enumerate(gate.notes, start=1)}
    samples = str(len(gate.audited.samples))
    return {"run": str(gate.audited.run.path), "samples": samples, **baseline, **notes}


def _limit_case(gate: Gate, judged: Judged) -> ET.Element:
    case = ET.Element("testcase", {"classname": "dataclinic.limits", "name": judged.limit.text, "time": "0.000"})
    note = judged.measured.note
    if judged.kept == "unknown":
        _tell(case, "error", note, "unknown")
    elif judged.kept == "broken":
        _tell(case, "failure", f"{judged.limit.text}: {_value(judged)}", "broken", _offenders(gate, judged))
    elif note:
        ET.SubElement(case, "system-out").text = _text(note)
    return case


def _check_case(entry: Mapping[str, Any]) -> ET.Element:
    seconds = finite(entry.get("seconds")) or 0.0
    about = {"classname": "dataclinic.checks", "name": _text(entry["check"]), "time": f"{seconds:.3f}"}
    case = ET.Element("testcase", about)
    if entry["outcome"] == "ran":
        ET.SubElement(case, "system-out").text = _text(entry["reason"])
    elif entry["outcome"] == "failed":
        _tell(case, "error", entry["reason"], "failed")
    else:
        ET.SubElement(case, "skipped", {"message": _text(f"{entry['outcome']}: {entry['reason']}")})
    return case


def _tell(case: ET.Element, tag: str, message: str, kind: str, text: str = "") -> None:
    ET.SubElement(case, tag, {"message": _text(message), "type": kind}).text = text or _text(message)


def _offenders(gate: Gate, judged: Judged) -> str:
    """The first that broke the limit, a line each."""
    offenders = gate.offenders(judged.limit)
    first = offenders.head(MOST_OFFENDERS)
    lines = [
        f"{_text(subject)}: {_text(reason)}" for subject, reason in zip(first["subject"], first["reason"], strict=True)
    ]
    more = [f"… and {len(offenders) - len(first):,} more"] if len(offenders) > len(first) else []
    return "\n".join([*lines, *more])


def _value(judged: Judged) -> str:
    found = judged.measured
    share = "" if found.share is None or found.of == 1 else f" ({percent(found.share)})"
    return f"{percent(found.value) if found.of == 1 else number(found.value)}{share}".replace(SPACE, " ")


def _text(text: str) -> str:
    return NO_XML.sub("\ufffd", visible(text))
