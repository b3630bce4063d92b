"""Who judges, as the settings say. What the judge itself needs is imported when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bugguard.cli import console
from bugguard.cli.options import user_folder
from bugguard.cli.ticketing import records
from bugguard.cli.wiring import Session, environment
from bugguard.domain import FixCommit
from bugguard.errors import JudgeError
from bugguard.history import content
from bugguard.history.regexes import compiled, searches
from bugguard.pipeline.judging import Judging
from bugguard.ports import Judge

if TYPE_CHECKING:
    from bugguard.judge.asking.client import Client
    from bugguard.judge.asking.endpoint import Endpoint
    from bugguard.judge.asking.ledger import Ledger
    from bugguard.judge.reader import Asks, Reader

_PREPARED = 4  #: matches looked at for each call: what is known already takes none
INSTALL = 'the judge needs more packages: run `pip install "bugguard[judge]"`'


def from_settings(session: Session, open_: Callable[[], Judge] | None = None) -> Judging:
    """Who reads close matches, by the session's settings, whether its mode is ``off`` or not.

    open_: another way to come to a judge than theirs. Raises ConfigError for a list of paths that
    cannot be used: nobody is asked then.
    """
    judge = session.settings.judge
    return Judging(
        open=open_ or partial(reader, session),
        read=partial(content.after, session.git),
        seen=seen(session),
        stage=console.progress,
        texts=texts(session),
        certain=judge.certain,
        most=_PREPARED * judge.max_calls,
        may_silence=judge.may_silence,
        thorough=judge.mode == "thorough",
    )


def nobody(why: str) -> Judging:
    """Where there is no judge to be had. why: without an end, for the report."""

    def none() -> Judge:
        raise JudgeError(why)

    return Judging(
        open=none,
        read=lambda change, path: None,
        seen=lambda path: True,
        stage=console.progress,
        texts=lambda commit: (),
        certain=1.0,
    )


def seen(session: Session) -> Callable[[str], bool]:
    """Whether a judge may see the file of a path. ConfigError for a regex that is none."""
    judge = session.settings.judge
    for setting, patterns in (("judge.allow", judge.allow), ("judge.deny", judge.deny)):
        for pattern in patterns:
            compiled(pattern, setting)

    def may(path: str) -> bool:
        if searches(judge.deny, path, "judge.deny"):
            return False
        return not judge.allow or searches(judge.allow, path, "judge.allow") is not None

    return may


def texts(session: Session) -> Callable[[FixCommit], Sequence[str]]:
    """The texts of a fix's tickets, as far as they are at hand."""

    def told(commit: FixCommit) -> Sequence[str]:
        return [text for _, text in records(session, commit).values() if text]

    return told


def endpoint(session: Session) -> Endpoint:
    """The server and its model. Raises JudgeError where it cannot be asked as it is set."""
    try:
        from bugguard.judge.asking.endpoint import Endpoint
    except ModuleNotFoundError as error:
        raise JudgeError(INSTALL) from error
    return Endpoint.of(session.settings.judge, environment())


def ledger(session: Session, calls: int | None = None) -> Ledger:
    """What judging may cost in this run. Raises ConfigError for a price that is none.

    calls: how many requests at most, whatever the settings say of a run; the month's bounds hold.
    """
    from bugguard.judge.asking.ledger import Bounds, Ledger, Prices

    judge = session.settings.judge
    most_calls, most_tokens = judge.max_calls, judge.max_tokens
    if calls is not None:
        most_calls, most_tokens = calls, 1 << 62
    bounds = Bounds(most_calls, most_tokens, judge.monthly_tokens, judge.monthly_cost)
    folder = user_folder()
    file = judge.budget_file or (folder / "judge-usage.json" if folder else None)
    return Ledger(bounds, file, Prices.parse(judge.prices), judge.model or "")


def client(session: Session, account: Ledger, deadline: float | None = None) -> Client:
    """Asks the endpoint, on that account. Raises JudgeError."""
    who = endpoint(session)
    from bugguard.judge.asking.client import Client

    judge = session.settings.judge
    return Client(who, account, deadline=deadline or judge.deadline, concurrency=judge.concurrency)


def reader(
    session: Session,
    account: Ledger | None = None,
    asks: Asks | None = None,
    *,
    cached: bool = True,
) -> Reader:
    """The judge that the settings name. Raises JudgeError where it cannot be asked as it is set.

    asks: another way to ask than through the network. cached: whether what is known already counts.
    """
    settings = session.settings
    model = settings.judge.model or ""
    if asks is None:
        account = account or ledger(session)
        asks = client(session, account)
    account = account or ledger(session)
    try:
        from bugguard.judge.cache import Cache
        from bugguard.judge.reader import Reader
        from bugguard.judge.redacting.redact import Redactor
    except ModuleNotFoundError as error:
        raise JudgeError(INSTALL) from error
    kept = Cache(_folder(session)) if cached else None
    redactor = Redactor()
    redactor.redact("ready?")  # what it lacks is said here, before anything is asked
    more = settings.judge.thorough_calls, settings.judge.thorough_tokens
    return Reader(asks, account, kept, redactor, model, settings.language, more)


def _folder(session: Session) -> Path:
    """Where verdicts are kept. Raises JudgeError for a folder that comes with the repository."""
    folder = session.settings.judge.cache
    if folder is None:
        return session.git.common_dir / "bugguard-verdicts"
    tree = session.git.work_tree
    inside = tree is not None and folder.is_relative_to(tree)
    if inside and session.git.ask("ls-files", "--", str(folder)):
        raise JudgeError(
            f"judge.cache is {folder}, which git tracks: whoever changes it there could acquit any "
            "change; name a folder that is not committed"
        )
    return folder
