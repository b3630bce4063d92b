"""``bugguard judge``: is there one, and does it work?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard.cli import console
from bugguard.cli import judging as wired
from bugguard.cli.options import repo_option
from bugguard.cli.wiring import Session
from bugguard.errors import EXIT_CLEAN, EXIT_NO_JUDGE
from bugguard.report.escape import terminal
from bugguard.report.words import count

if TYPE_CHECKING:
    from bugguard.domain import Opinion
    from bugguard.judge.reader import Reader
    from bugguard.judge.trial import Trial

_WAYS = ("json_schema", "json_object", "text")


@click.group()
def command() -> None:
    """Look after the LLM that reads close matches."""


@command.command()
@repo_option
def test(repo: Path | None) -> int:
    """Ask the configured judge about two made-up cases: nothing of your code is sent.

    \b
    Exit codes: 0 it works, 3 it does not.
    """
    session = Session.start(repo, {})
    who = wired.endpoint(session)
    _tell("judge", f"{who.model} at {who.name}")
    wanted = session.settings.judge.structured
    for way in (wanted, *(other for other in _WAYS if other != wanted)):
        tried = session.with_flags({"judge.structured": way})
        failure, used = _tried(tried)
        if not failure and used != wanted:
            _tell("", f'set it: `structured = "{used}"` under [judge] in your own config')
        if not failure:
            return EXIT_CLEAN
        _tell(way, f"the judge {failure}")
        if "form" not in failure:
            break  # another one would not help
    return EXIT_NO_JUDGE


def _tried(session: Session) -> tuple[str, str]:
    """One way to ask for JSON: why it fails, empty if it works, and the way that was used."""
    from bugguard.judge.trial import trials

    cases = trials()
    account = wired.ledger(session, calls=4 * len(cases))
    asks = wired.client(session, account)
    judge = wired.reader(session, account, asks, cached=False)
    started = time.perf_counter()
    opinions = judge.judge([case.question for case in cases])
    seconds = time.perf_counter() - started
    failure = next((one.failure for one in opinions if one.judgement is None), "")
    if not failure:
        _tell("answers", f"{count(len(cases), 'question')} in {seconds:.1f} s")
        _tell("structured", f"{asks.structured} works")
        for case, opinion in zip(cases, opinions, strict=True):
            _judged(case, opinion)
        _cost(judge)
    return failure, asks.structured


def _judged(case: Trial, opinion: Opinion) -> None:
    assert opinion.judgement is not None  # noqa: S101  # for the type checker
    said = opinion.judgement.verdict
    told = f"right: {said}" if said == case.right else f"says {said}, where {case.right} is right"
    _tell("a trial", told)


def _cost(judge: Reader) -> None:
    usage = judge.usage
    cost = "" if usage.cost is None else f", cost {usage.cost:.4f}"
    _tell("took", f"{usage.tokens_in:,} tokens in, {usage.tokens_out:,} out{cost}")
    if usage.dropped:
        _tell("", f"{count(usage.dropped, 'quote')} dropped that stood nowhere in what was shown")


def _tell(label: str, text: str) -> None:
    console.result(f"{label:12}{terminal(text)}\n")
