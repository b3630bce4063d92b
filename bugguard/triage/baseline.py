"""The baseline: findings that a team knows and has set aside, so that only new ones are reported.

It is a set of fingerprints. All else that the file says of them is for people, and nothing depends
on it. Two baselines of one repository are merged by their union, so the file is laid out for git to
do that: one finding a line in the order of the fingerprints, each line with its own comma, and a
``null`` after the last. A merge that keeps the lines of both sides is right as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from bugguard.domain import Finding
from bugguard.errors import TriageError
from bugguard.triage.files import conflict, line

VERSION = 1

_LONGEST = 200  #: characters of a subject; it is for people
_MOST_ROOTS = 64

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_SHA = re.compile(r"[0-9a-f]{40,64}")


class Entry(NamedTuple):
    """A finding that is known. All but the first are for people, as they were when it was added."""

    fingerprint: str
    rule: str = ""  #: its id
    path: str = ""
    line: int = 0
    fix: str = ""  #: the past fix's sha
    ticket: str = ""  #: the first one of the fix
    subject: str = ""  #: of the fix
    added: str = ""  #: the day, ``2026-01-31``


_NOTHING = Entry("")
_TYPES = tuple(map(type, _NOTHING))


@dataclass(frozen=True, slots=True)
class Baseline:
    """Findings that are set aside."""

    entries: Mapping[str, Entry] = field(default_factory=dict)  #: by fingerprint
    #: commits by which the repository is known: the first one of its history; empty: nobody knows
    roots: tuple[str, ...] = ()


def of(findings: Iterable[Finding], today: date, roots: Iterable[str] = ()) -> Baseline:
    """A baseline of just these findings, whichever command they come from."""
    entries = (_entry(finding, today) for finding in findings)
    return Baseline({one.fingerprint: one for one in entries}, tuple(sorted(set(roots))))


def apply(
    findings: Iterable[Finding], baseline: Baseline
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """(new, known), each in the order given."""
    new: list[Finding] = []
    known: list[Finding] = []
    for finding in findings:
        (known if finding.fingerprint in baseline.entries else new).append(finding)
    return tuple(new), tuple(known)


def merge(one: Baseline, other: Baseline) -> Baseline:
    """What either has. Where both have a finding, what the earlier of them says of it stays."""
    entries = dict(one.entries)
    for fingerprint, entry in other.entries.items():
        entries[fingerprint] = min(entries.get(fingerprint, entry), entry, key=_age)
    return Baseline(entries, tuple(sorted({*one.roots, *other.roots})))


def prune(
    baseline: Baseline, found: Set[str], looked_at: Callable[[Entry], bool] = lambda entry: True
) -> tuple[Baseline, tuple[Entry, ...]]:
    """(what stays, what is stale: no longer found), the latter by fingerprint.

    found: the fingerprints of all that is found now, silenced or not.
    looked_at: whether the search could have found it; what it could not have found is not stale.
    """
    kept: dict[str, Entry] = {}
    stale: list[Entry] = []
    for fingerprint, entry in sorted(baseline.entries.items()):
        if fingerprint in found or not looked_at(entry):
            kept[fingerprint] = entry
        else:
            stale.append(entry)
    return Baseline(kept, baseline.roots), tuple(stale)


def dump(baseline: Baseline) -> bytes:
    """The file's bytes: the same for the same set, in whatever order it came together."""
    head = {"version": VERSION, "repository": list(baseline.roots)}
    lines = [json.dumps(head)[:-1] + ', "findings": [']
    for _, entry in sorted(baseline.entries.items()):
        lines.append(line(entry._asdict()) + ",")
    return ("\n".join(lines) + "\nnull]}\n").encode("utf-8")


def load(data: bytes, where: Path) -> Baseline:
    """The baseline that the file ``where`` holds. Raises TriageError where it holds none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:  # the latter from lists in lists in lists
        raise _no_json(data, where, error) from error
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise TriageError(
            f"the baseline {where} was written by a newer bugguard (its format is {version}, this "
            f"one reads {VERSION}): update bugguard."
        )
    if type(version) is not int or version != VERSION:
        raise TriageError(f"{where} is no baseline (it names no version): remove it or name one.")
    return Baseline(_read(document, where), _roots(document, where))


def _entry(finding: Finding, today: date) -> Entry:
    match, fix = finding.match, finding.match.fix
    return Entry(
        finding.fingerprint,
        match.rule.id,
        match.hunk.path,
        match.line,
        fix.sha,
        next((ticket.id for ticket in fix.tickets), ""),
        fix.subject[:_LONGEST],
        today.isoformat(),
    )


def _age(entry: Entry) -> tuple[str, Entry]:
    return entry.added, entry


def _read(document: dict[str, Any], where: Path) -> dict[str, Entry]:
    listed = document.get("findings")
    if not isinstance(listed, list):
        raise _damaged(where, "it lists no findings")
    entries: dict[str, Entry] = {}
    for place, item in enumerate(listed, 1):
        if item is None:
            continue
        # A check waits for this, so what can be done for all fields at once is.
        fields = item if isinstance(item, dict) else {}
        entry = Entry._make(map(fields.get, Entry._fields, _NOTHING))
        if tuple(map(type, entry)) != _TYPES or not _FINGERPRINT.fullmatch(entry.fingerprint):
            raise _damaged(where, f"its finding {place:,} is none")
        known = entries.setdefault(entry.fingerprint, entry)
        if known is not entry:
            entries[entry.fingerprint] = min(known, entry, key=_age)
    return entries


def _roots(document: dict[str, Any], where: Path) -> tuple[str, ...]:
    roots = document.get("repository", [])
    if not isinstance(roots, list) or len(roots) > _MOST_ROOTS:
        raise _damaged(where, "its repository is no list of commits")
    if not all(isinstance(root, str) and _SHA.fullmatch(root) for root in roots):
        raise _damaged(where, "its repository is no list of commits")
    return tuple(sorted(set(roots)))


def _no_json(data: bytes, where: Path, error: Exception) -> TriageError:
    marker = conflict(data)
    if marker is not None:
        return TriageError(
            f"{where}:{marker} has a merge's conflict markers: keep the findings of both sides and "
            "take out the marker lines."
        )
    if not data.strip():
        return _damaged(where, "it is empty")
    if isinstance(error, json.JSONDecodeError):
        return _damaged(where, f"line {error.lineno}: {error.msg}")
    return _damaged(where, "it is not UTF-8" if isinstance(error, UnicodeError) else "no JSON")


def _damaged(where: Path, why: str) -> TriageError:
    return TriageError(
        f"the baseline {where} is damaged ({why}): mend it, or remove it and run `bugguard baseline"
        " create`."
    )
