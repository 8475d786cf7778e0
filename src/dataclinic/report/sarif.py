"""SARIF 2.1.0 of a gate (OASIS Standard, 2020): a rule a check, a result a problem, for code scanning."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic import __version__
from dataclinic.limits import LABEL_LISTS, OF_CHECKS
from dataclinic.registry import CHECKS
from dataclinic.report.places import Place, Places
from dataclinic.report.wording import sentence, shorten, visible
from dataclinic.steps.mark_new import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dataclinic.report.audited import Audited
    from dataclinic.report.gate import Gate

MOST_RESULTS = 25_000
"""GitHub refuses a run with more; it shows 5,000."""

MOST_OF_A_NAME = 200
"""Characters of a sample's or column's name in a message."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
"""Which GitHub asks for; nothing reads it from there."""

LABELS = "label_errors"
PRIMARY = "primaryLocationLineHash"
"""The fingerprint by which GitHub knows an alert again."""

OWN = "contentAndCheck/v1"
SECTION = re.compile(r"^(\S[^\n:]*):$", re.MULTILINE)
LEVELS = ("error", "warning", "note", "none")


def sarif_json(gate: Gate, *, root: Path, gone: bool = False) -> str:
    """One run with a result for every problem; what breaks a limit is an error, what accuses a label a warning.

    With a baseline each result says whether it is new. Where there are more than MOST_RESULTS, the worst of every check
    stay, errors first, and a notification says so.

    Args:
        gate: a run, held against its limits.
        root: folder at which paths begin, where the data lies below it.
        gone: also write problems that the baseline alone had, as absent. Readers that know no baseline, such as GitHub,
            show them as if they were still there.
    """
    problems = _ordered(gate, gone=gone)
    shown = problems.head(MOST_RESULTS)
    rules = sorted(set(shown["name"]) | {judged.limit.name for judged in gate.limits if _is_rule(judged.limit.name)})
    results = _Results(gate, root, {name: place for place, name in enumerate(rules)}).all(shown)
    notes = [*gate.notes, *_cut(len(problems), len(shown))]
    run = {
        "tool": {"driver": _driver(rules, gate.audited)},
        "invocations": [_invocation(gate, notes)],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def _ordered(gate: Gate, *, gone: bool) -> pd.DataFrame:
    """Problems by level, then the worst of each check, then the second worst of each, and so on."""
    broken = [judged.limit.name for judged in gate.limits if judged.kept == "broken"]
    # A limit on suspects is broken by the samples that are results under the other name.
    broken += [LABELS] if "suspects" in broken else []
    problems = gate.problems[gate.problems["name"] != "suspects"]
    accuses = (problems["label"] != "").to_numpy(bool)
    breaks = (problems["name"].isin(broken) & problems["new"]).to_numpy(bool)
    level = np.where(breaks, 0, np.where(accuses, 1, 2))
    state = np.where(problems["new"], "new", "unchanged") if gate.baseline is not None else ""
    parts = [problems.assign(level=level, state=state)]
    if gone:
        parts.append(gate.gone[gate.gone["name"] != "suspects"].assign(new=False, level=3, state="absent"))
    every = pd.concat(parts, ignore_index=True)
    every["place"] = every.groupby(["level", "name"], sort=False).cumcount()
    return every.sort_values(["level", "place", "name"], kind="stable")


def _is_rule(name: str) -> bool:
    return name == LABELS or name.removeprefix(OF_CHECKS) in CHECKS.ids()


def _cut(problems: int, shown: int) -> list[str]:
    if problems == shown:
        return []
    return [f"{shown:,} of {problems:,} problems are in this file, the worst of every check; the run has all"]


def _driver(rules: Sequence[str], audited: Audited) -> dict[str, Any]:
    return {
        "name": "dataclinic",
        "semanticVersion": str(audited.record.get("dataclinic") or __version__),
        "rules": [_rule(name) for name in rules],
    }


def _rule(name: str) -> dict[str, Any]:
    """What the rule is about, from the check's own description."""
    short, text = _described(name)
    return {
        "id": name,
        "shortDescription": {"text": _plain(sentence(short))},
        "fullDescription": {"text": _plain(sentence(short))},
        "help": {"text": text, "markdown": SECTION.sub(r"**\1**\n", text)},
        "defaultConfiguration": {"level": "warning" if name == LABELS else "note"},
        "properties": {"tags": ["data quality"], "precision": "medium", "problem.severity": "warning"},
    }


def _described(name: str) -> tuple[str, str]:
    """One line, and the whole: of the list of suspects, of a check, or of one that is not installed here."""
    if name == LABELS:
        how = "How they are found, and when not to believe it: docs/suspects.md"
        return LABEL_LISTS[name], f"{sentence(LABEL_LISTS[name])}\n\n{how}"
    check = name.removeprefix(OF_CHECKS)
    if check not in CHECKS.ids():
        return f"the check {check}", sentence(f"the check {check} of another package")
    plugin = CHECKS.find(check)
    return plugin.summary, f"{inspect.cleandoc(plugin.__doc__ or '')}\n\nAlso in docs/checks/{check}.md"


def _invocation(gate: Gate, notes: Sequence[str]) -> dict[str, Any]:
    """How the audit ended: limits as properties, and a notification for each thing that one should know."""
    failed = [entry for entry in gate.audited.checks if entry["outcome"] == "failed"]
    told = [{"level": "note", "message": {"text": _plain(sentence(note))}} for note in notes]
    told += [
        {"level": "error", "message": {"text": _plain(f"{entry['check']} failed: {entry['reason']}")}}
        for entry in failed
    ]
    limits = [{"limit": judged.limit.text, "verdict": judged.kept} for judged in gate.limits]
    return {
        "executionSuccessful": not failed,
        "toolExecutionNotifications": told,
        "properties": {"limits": limits, "verdict": gate.verdict},
    }


class _Results:
    """Makes results; `rules` is the place of each rule in the list of the tool."""

    def __init__(self, gate: Gate, root: Path, rules: Mapping[str, int]) -> None:
        self.gate, self.root, self.rules = gate, root, rules

    def all(self, problems: pd.DataFrame) -> list[dict[str, Any]]:
        absent = problems["state"] == "absent"
        made = [self._made(problems[~absent], self.gate.audited)]
        if self.gate.baseline is not None:
            made.append(self._made(problems[absent], self.gate.baseline))
        results = [result for part in made for result in part]
        times: dict[str, int] = {}
        for result in results:
            digest = result["partialFingerprints"][OWN]
            times[digest] = times.get(digest, 0) + 1
            result["partialFingerprints"][PRIMARY] = f"{digest}:{times[digest]}"
        return results

    def _made(self, problems: pd.DataFrame, audited: Audited) -> list[dict[str, Any]]:
        rows = [int(row) for row in problems["row"] if row != NOWHERE]
        places = Places.of(audited, rows, self.root)
        return [self._result(problem, audited, places) for problem in problems.itertuples(index=False)]

    def _result(self, problem: Any, audited: Audited, places: Places) -> dict[str, Any]:
        row = int(problem.row)
        place = places.whole() if row == NOWHERE else places.sample(row)
        told = f"{shorten(problem.subject, MOST_OF_A_NAME)}: {problem.reason}"
        return {
            "ruleId": problem.name,
            "ruleIndex": self.rules[problem.name],
            "level": LEVELS[problem.level],
            **({"kind": "pass"} if problem.state == "absent" else {}),
            "message": {"text": _plain(told)},
            "locations": [_location(place, problem.subject)],
            "partialFingerprints": {OWN: _fingerprint(problem, audited)},
            **({"baselineState": problem.state} if problem.state else {}),
        }


def _location(place: Place, subject: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": place.uri, "uriBaseId": "%SRCROOT%"}}
    # GitHub shows no alert without a line; a picture has one.
    physical["region"] = {"startLine": place.line or 1}
    return {"physicalLocation": physical, "logicalLocations": [{"name": visible(subject), "kind": "data"}]}


def _fingerprint(problem: Any, audited: Audited) -> str:
    """16 digits that stay while the sample's content, the check and, where it is accused, the label do."""
    about = problem.subject
    if problem.row != NOWHERE:
        about = audited.samples["content"].iloc[int(problem.row)] or problem.subject
    digest = hashlib.blake2b(digest_size=8)
    for part in (problem.name, about, problem.label):
        digest.update(str(part).encode("utf-8", "surrogatepass") + b"\x1f")
    return digest.hexdigest()


def _plain(text: str) -> str:
    """Text of a message: braces doubled, since they would be placeholders, and no part of it a link (§3.11)."""
    safe = visible(text).replace("{", "{{").replace("}", "}}")
    return safe.replace("[", "\\[").replace("]", "\\]") if "](" in safe else safe
