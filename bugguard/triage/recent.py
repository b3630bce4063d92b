"""The fingerprints of recent findings, so that ``show`` and ``feedback`` know them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bugguard.domain import Finding
from bugguard.triage.fingerprint import edit_digest

_NAME = "recent.json"
_MOST = 200


class Known(NamedTuple):
    """What a fingerprint stood for."""

    fix: str  #: the past fix's sha
    rule: str = ""  #: its id; empty: an older bugguard did not keep it
    edit: str = ""  #: what names the past fix's edit after a rebase, too; likewise


def remember(directory: Path, findings: Sequence[Finding]) -> None:
    """Adds the findings' fixes. A convenience: where it cannot be written it is left out."""
    if not findings:
        return
    import tempfile  # findings are rare, and its import is not cheap

    known = _read(directory)
    for finding in findings:
        known.pop(finding.fingerprint, None)  # the newest come last
        match = finding.match
        known[finding.fingerprint] = Known(match.fix.sha, match.rule.id, edit_digest(match.pattern))
    newest = dict(list(known.items())[-_MOST:])
    with contextlib.suppress(OSError):
        directory.mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=directory, prefix=_NAME)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(newest, file)
        Path(temporary).replace(directory / _NAME)


def recall(directory: Path, fingerprint: str) -> str | None:
    """The sha of the fix that the finding of this fingerprint named."""
    known = find(directory, fingerprint)
    return known.fix if known else None


def find(directory: Path, fingerprint: str) -> Known | None:
    """All that is known of the finding of this fingerprint."""
    return _read(directory).get(fingerprint)


def _read(directory: Path) -> dict[str, Known]:
    try:
        kept = json.loads((directory / _NAME).read_text("ascii"))
    except (OSError, ValueError, RecursionError):  # the last from lists in lists in lists
        return {}
    items = kept.items() if isinstance(kept, dict) else ()
    return {fingerprint: known for fingerprint, value in items if (known := _known(value))}


def _known(value: object) -> Known | None:
    fields = [value] if isinstance(value, str) else value  # a sha alone, of an older bugguard
    if not isinstance(fields, list) or not 1 <= len(fields) <= len(Known._fields):
        return None
    return Known(*fields) if all(isinstance(field, str) for field in fields) else None
