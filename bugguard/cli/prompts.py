"""``--show-prompt``: all that a judge would be sent, and nothing leaves the machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from bugguard.cli import console
from bugguard.cli import judging as wired
from bugguard.cli.wiring import Session
from bugguard.errors import EXIT_CLEAN
from bugguard.judge.asking.exchange import Fault, Reply, Request, tokens
from bugguard.pipeline.judging import Judging
from bugguard.report.escape import terminal
from bugguard.report.words import count


class _Rehearsal:
    """Keeps what it is asked, and answers nothing."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def ask(self, requests: Sequence[Request]) -> list[Reply | Fault]:
        self.requests += requests
        return [Fault("was not asked") for _ in requests]

    def restart(self) -> None:
        """Nothing has a deadline here."""


def shown(session: Session, examined: Callable[[Judging], object]) -> int:
    """Prints each request whole, what is known already left out. Raises JudgeError.

    examined: looks at all as it would otherwise, with that judge.
    """
    rehearsal = _Rehearsal()
    reader = wired.reader(session, asks=rehearsal)
    judging = wired.from_settings(session, lambda: reader)
    examined(judging)
    for number, request in enumerate(rehearsal.requests, 1):
        console.result(_whole(request, f"{number} of {len(rehearsal.requests)}"))
    if not rehearsal.requests:
        console.result("a judge would be sent nothing\n")
    elif judging.thorough:
        console.result("after a survey, the past fixes that it names are put to the judge too\n")
    return EXIT_CLEAN


def _whole(request: Request, place: str) -> str:
    size = sum(tokens(one["content"], 3) for one in request.messages)
    lines = [f"=== request {place}, {request.form}, about {count(size, 'token')}"]
    for one in request.messages:
        lines += [f"--- {one['role']}", *map(terminal, one["content"].split("\n"))]
    lines += ["--- to be answered in this form", json.dumps(request.schema, indent=1), ""]
    return "\n".join(lines) + "\n"
