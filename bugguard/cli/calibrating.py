"""``bugguard eval --calibrate``: a threshold that fits this team, with its evidence."""

from __future__ import annotations

import datetime
import json

from bugguard.cli import console
from bugguard.cli.options import load_settings
from bugguard.cli.replaying import replay
from bugguard.cli.wiring import Session
from bugguard.config.write import home, write_threshold
from bugguard.errors import GitError
from bugguard.pipeline.calibrate import FLOOR, Calibration, calibrate
from bugguard.report.escape import terminal
from bugguard.report.words import count


def calibrated(session: Session, last: int, rate: float, dry_run: bool, as_json: bool) -> str:
    """What was done, in two lines or as JSON. Raises BugguardError."""
    root = session.git.work_tree
    if root is None and not dry_run:
        raise GitError(
            f"{session.git.place} is bare and has no config to write: "
            "run this in a clone with a work tree, or with --dry-run."
        )
    if root is not None:
        home(root)  # what cannot be written is better told before the wait
    found = calibrate(replay(session), session.lesson(), last, rate, console.progress)
    name = None
    if root is not None and not dry_run:
        name = write_threshold(root, found.threshold, _evidence(found))
    if as_json:
        told = {**found._asdict(), "rate": rate, "written": name}
        return json.dumps(told, indent=2) + "\n"
    return _text(session, found, rate, name)


def _evidence(found: Calibration) -> str:
    today = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    return (
        f"bugguard eval --calibrate, {today}: {found.alerts} of {found.commits} ordinary commits "
        f"up to {found.head[:8]} alert"
    )


def _text(session: Session, found: Calibration, rate: float, name: str | None) -> str:
    first = (
        f"threshold {found.threshold:g} instead of {session.settings.check.threshold:g}: of the "
        f"last {count(found.commits, 'ordinary commit')} {found.alerts:,} alert, "
        f"and {rate:.1%} may"
    )
    if found.threshold == FLOOR:
        first += "; it is never set lower"
    if name is None:
        return f"{first}\nnothing was written\n"
    loaded = load_settings(session.git, {})
    second = f"wrote it into {name}"
    if loaded.settings.check.threshold != found.threshold:
        second += f", but {terminal(loaded.origins['check.threshold'])} overrules it"
    return f"{first}\n{second}\n"
