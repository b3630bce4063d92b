"""What several commands ask of the tickets that are known here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bugguard import index as store
from bugguard.cli import console
from bugguard.cli.wiring import Session
from bugguard.domain import FixCommit
from bugguard.domain.tickets import TicketRecord
from bugguard.errors import PatternIndexError, TicketError
from bugguard.report import ticketed

if TYPE_CHECKING:
    from bugguard.pipeline.tickets import Join
    from bugguard.tickets.intake import Taken
    from bugguard.tickets.store import Store

_IGNORED = b"tickets.sqlite3*"


def opened(session: Session, *, write: bool = False) -> Store:
    """The tickets of the session's repository. Raises TicketError.

    write: to change them, and made where there are none yet.
    """
    from bugguard.tickets.store import Store

    _ = session.directory  # raises where the index is on a server, which keeps no tickets
    path = session.tickets
    if write:
        _prepare(session, path.parent)
    elif not path.is_file() or not path.stat().st_size:
        raise TicketError(
            "no tickets are known here: take some in with `bugguard tickets import` or "
            "`bugguard tickets sync`"
        )
    return Store.open(path, write=write)


def matchable(index: store.AnyIndex) -> Iterator[FixCommit]:
    """The commits of the fixes that can be matched: those that an index is said to have."""
    for commit, counts in zip(index.fix_commits(), index.matchable().tolist(), strict=True):
        if counts:
            yield commit


def tickets_changed(session: Session, learned: str) -> str:
    """What is to be said where an index was learned with other tickets than are known now.

    learned: the digest of those that it was learned with. Empty: they are the same, or it cannot
    be told.
    """
    try:
        join = session.join()
    except TicketError as error:
        return str(error)
    if (join.digest if join is not None else "") == learned:
        return ""
    if join is None:
        return "made with tickets that are not here"
    return "the tickets have changed: run `bugguard index update`"


def covered(session: Session) -> str:
    """How many fixes of the index have a ticket with what is known now, and what to do for it."""
    try:
        index = session.opened()
        fixes = list(matchable(index))
    except PatternIndexError:
        return "run `bugguard index build` to learn with them\n"
    joins = {name: session.join(name) for name in {fix.repository for fix in fixes}}
    if not any(joins.values()):
        return ""
    before = ticketed.coverage(fixes).with_ticket
    now = ticketed.coverage(_joined(fix, joins[fix.repository]) for fix in fixes)
    source = session.source(index.manifest.provenance)
    join = session.join()
    stale = join is not None and source is not None and join.digest != source.tickets
    advice = "run `bugguard index update` to take them in\n" if stale else ""
    return ticketed.covered(now, before) + advice


def _joined(fix: FixCommit, join: Join | None) -> FixCommit:
    if join is None:
        return fix
    return replace(fix, tickets=tuple(one.ticket for one in join.tickets(fix.sha, fix.message)))


def records(session: Session, commit: FixCommit) -> dict[str, tuple[TicketRecord, str]]:
    """The records of a fix's tickets, as far as they are at hand, by the tickets' ids."""
    try:
        join = session.join(commit.repository)
        if join is None:
            return {}
        known = join.leads.known
        return {
            one.ticket.id: (one.record, known.text(one.record.key))
            for one in join.tickets(commit.sha, commit.message)
            if one.record is not None
        }
    except TicketError as error:  # the fix itself can be shown all the same
        console.complain(str(error))
        return {}


def _prepare(session: Session, folder: Path) -> None:
    """Makes the folder where it is missing, and keeps git from taking the tickets along."""
    from bugguard.index.claim import claim

    try:
        if not folder.is_relative_to(session.git.common_dir):
            claim(folder)  # somebody else's folder is not written to
        folder.mkdir(parents=True, exist_ok=True)
        ignored = folder / ".gitignore"
        # An index that an older bugguard wrote does not name them yet.
        if ignored.is_file() and _IGNORED not in ignored.read_bytes().splitlines():
            with ignored.open("ab") as file:
                file.write(_IGNORED + b"\n")
    except OSError as error:
        raise TicketError(
            f"tickets cannot be kept in {folder} ({error.strerror}): mend its permissions, or name "
            "another index with --index"
        ) from error


def outcomes(taken: Taken) -> str:
    """What came in, on one line."""
    from bugguard.tickets.store import Outcome

    counted = {outcome.value: taken.outcomes[outcome] for outcome in Outcome}
    counted |= {f"refused, since {why}": times for why, times in taken.refused.items()}
    return ticketed.outcomes(counted, taken.links, taken.withdrawn)
