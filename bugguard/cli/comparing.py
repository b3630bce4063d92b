"""``bugguard eval --compare A B``: two settings, case by case."""

from __future__ import annotations

import json
from pathlib import Path

from bugguard.cli import console
from bugguard.cli.replaying import labelled, replay, write_page
from bugguard.cli.wiring import Session
from bugguard.config import Dsn, Location
from bugguard.config.keys import KEYS
from bugguard.domain.comparison import Comparison
from bugguard.history import revisions
from bugguard.pipeline import compare
from bugguard.pipeline.compare import Contender, Frozen
from bugguard.report import comparison

#: What may differ, and what it is called among the settings. The others are fixed by learning.
_SETTINGS = {"index": "index", "encoder": "encoder", "threshold": "check.threshold"}


def compared(
    repo: Path | None,
    flags: dict[str, object],
    names: tuple[str, str],
    labels: Path | None,
    ordinary: Path | None,
    last: int,
    html: Path | None,
    as_json: bool,
) -> str:
    """Both on the labelled cases, or on what the last commits show. Raises BugguardError."""
    told = [overrides(name) for name in names]
    sessions = [Session.start(repo, {**flags, **some}) for some in told]
    first = replay(sessions[0])
    # Where only the threshold differs, one replay serves both.
    same = _learned(sessions[0]) == _learned(sessions[1])
    second = first if same else replay(sessions[1])
    a, b = (
        Contender(_shown(name), replayed, session.settings.check.threshold)
        for name, replayed, session in zip(names, (first, second), sessions, strict=True)
    )
    frozen = _frozen(sessions[0], a, b, labels, ordinary, last)
    found = compare.compare(a, b, frozen, console.progress)
    write_page(html, found)
    return _json(found, (a, b)) if as_json else comparison.text(found)


def _shown(name: str) -> str:
    """What is told of a contender: of a server without who asks it and how."""
    told = []
    for part in _parts(name):
        key, equals, value = part.partition("=")
        if Dsn.is_one(value):
            part = key + equals + str(Dsn(value))
        told.append(str(Dsn(part)) if Dsn.is_one(part) else part)
    return ",".join(told)


def _parts(name: str) -> list[str]:
    # An address may have commas of its own, and then it is all that is given.
    return [name] if Dsn.is_one(name) else name.split(",")


def overrides(name: str) -> dict[str, object]:
    """``DIR`` or ``key=value`` with commas between several, as settings by dotted name.

    Raises ConfigError for a value that does not fit.
    """
    found: dict[str, object] = {}
    for part in _parts(name):
        key, equals, value = part.partition("=")
        if not equals or key not in _SETTINGS:
            key, value = "index", part
        setting = KEYS[_SETTINGS[key]]
        found[setting.name] = setting.parse(value, "--compare")
    return found


def _learned(session: Session) -> tuple[Location, str]:
    return session.location, session.settings.encoder


def _frozen(
    session: Session, a: Contender, b: Contender, labels: Path | None, ordinary: Path | None,
    last: int,
) -> Frozen:  # fmt: skip
    if labels is not None:
        return compare.from_labels(labelled(session, labels, ordinary))
    commits = revisions.latest(session.git, last)
    return compare.from_history(a.replay, b.replay, commits, session.lesson(), console.progress)


def _json(found: Comparison, both: tuple[Contender, Contender]) -> str:
    def side(one: Contender, by_b: bool) -> dict[str, object]:
        return {
            "name": one.name,
            "threshold": one.threshold,
            "encoder": one.replay.index.encoder.name,
            "caught": found.told(wanted=True, by_b=by_b),
            "alarms": found.told(wanted=False, by_b=by_b),
        }

    told = {
        "a": side(both[0], False),
        "b": side(both[1], True),
        "cases": found.count(wanted=True),
        "quiet": found.count(wanted=False),
        "gained": [row._asdict() for row in found.differing(wanted=True, by_b=True)],
        "lost": [row._asdict() for row in found.differing(wanted=True, by_b=False)],
        "new_alarms": [row._asdict() for row in found.differing(wanted=False, by_b=True)],
        "gone_alarms": [row._asdict() for row in found.differing(wanted=False, by_b=False)],
        "better": found.better,
        "offered": [row._asdict() for row in found.offered],
    }
    return json.dumps(told, indent=2) + "\n"
