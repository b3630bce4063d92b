"""Which past fix a name means: a commit, a ticket or a finding's fingerprint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bugguard.cli.wiring import Session
from bugguard.errors import BugguardError
from bugguard.triage import recent

if TYPE_CHECKING:
    from bugguard.index import AnyIndex

_SHA = re.compile("[0-9a-f]{4,64}", re.IGNORECASE)
_MOST = 100  #: characters of a name in a complaint


def numbers(session: Session, index: AnyIndex, name: str) -> list[int]:
    """The numbers of the fixes that it names. Raises BugguardError where there are none."""
    found = index.find(name)
    if not found:
        sha = recent.recall(session.git.common_dir / "bugguard", name)
        found = index.find(sha) if sha else []
    if not found:
        advice = "give a commit, a ticket or a fingerprint"
        if _SHA.fullmatch(name):
            advice += f", or run `bugguard index explain {name}` to see why it was not learned"
        raise BugguardError(f"no remembered fix is called {name[:_MOST]!r}: {advice}.")
    return found
