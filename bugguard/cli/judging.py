"""Who judges, as the settings say. What the judge itself needs is imported when it is asked."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard.cli import console
from bugguard.cli.wiring import Session, environment
from bugguard.errors import JudgeError
from bugguard.history import content
from bugguard.history.regexes import compiled, searches
from bugguard.pipeline.judging import Judging
from bugguard.ports import Judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from bugguard.judge.client import Client
    from bugguard.judge.endpoint import Endpoint
    from bugguard.judge.ledger import Ledger

_INSTALL = 'the judge needs more packages: run `pip install "bugguard[judge]"`'


def from_settings(session: Session, open_: Callable[[], Judge] | None = None) -> Judging:
    """Who reads close matches, by the session's settings, whether its mode is ``off`` or not.

    open_: another way to come to a judge than theirs. Raises ConfigError for a list of paths that
    cannot be used: nobody is asked then.
    """
    judge = session.settings.judge
    for setting, patterns in (("judge.allow", judge.allow), ("judge.deny", judge.deny)):
        for pattern in patterns:
            compiled(pattern, setting)
    return Judging(
        open=open_ or partial(reader, session),
        read=partial(content.after, session.git),
        seen=partial(_seen, judge.allow, judge.deny),
        stage=console.progress,
        certain=judge.certain,
        may_silence=judge.may_silence,
        thorough=judge.mode == "thorough",
    )


def _seen(allow: tuple[str, ...], deny: tuple[str, ...], path: str) -> bool:
    if searches(deny, path, "judge.deny"):
        return False
    return not allow or searches(allow, path, "judge.allow") is not None


def reader(session: Session) -> Judge:
    """The judge that the settings name. Raises JudgeError where it cannot be asked as it is set."""
    try:
        from bugguard.judge.cache import Cache
        from bugguard.judge.reader import Reader
        from bugguard.judge.redact import Redactor
    except ModuleNotFoundError as error:
        raise JudgeError(_INSTALL) from error
    judge = session.settings.judge
    if not judge.model:
        raise JudgeError("has no model: set BUGGUARD_JUDGE_MODEL")
    folder = judge.cache or session.git.common_dir / "bugguard-verdicts"
    money = ledger(session)
    client, endpoint = connect(session, money)
    return Reader(
        client, money, Cache(folder), Redactor(), endpoint.model, session.settings.language
    )
