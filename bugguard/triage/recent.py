"""The fingerprints of recent findings, so that ``bugguard show FINGERPRINT`` knows them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from bugguard.domain import Finding

_NAME = "recent.json"
_MOST = 200


def remember(directory: Path, findings: Sequence[Finding]) -> None:
    """Adds the findings' fixes. A convenience: where it cannot be written it is left out."""
    if not findings:
        return
    import tempfile  # findings are rare, and its import is not cheap

    known = _read(directory)
    for finding in findings:
        known.pop(finding.fingerprint, None)  # the newest come last
        known[finding.fingerprint] = finding.match.fix.sha
    newest = dict(list(known.items())[-_MOST:])
    with contextlib.suppress(OSError):
        directory.mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=directory, prefix=_NAME)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(newest, file)
        Path(temporary).replace(directory / _NAME)


def recall(directory: Path, fingerprint: str) -> str | None:
    """The sha of the fix that the finding of this fingerprint named."""
    return _read(directory).get(fingerprint)


def _read(directory: Path) -> dict[str, str]:
    try:
        known = json.loads((directory / _NAME).read_text("ascii"))
    except (OSError, ValueError, RecursionError):  # the last from lists in lists in lists
        return {}
    if not isinstance(known, dict):
        return {}
    return {str(key): value for key, value in known.items() if isinstance(value, str)}
