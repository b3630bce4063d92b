"""``bugguard tickets forget``: one ticket out of everything that bugguard has written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard import index as indexes
from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.ticketing import opened
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.domain.tickets import TicketKey
from bugguard.errors import IndexMissingError, TicketError
from bugguard.report.escape import terminal

if TYPE_CHECKING:
    from bugguard.tickets.store import Store


@click.command()
@repo_option
@index_option
@click.argument("name")
@click.option("--project", metavar="NAME", default="", help="Whose, where several have that id.")
@click.option("--undo", is_flag=True, help="Let it be taken in again, by the next sync or import.")
def forget(repo: Path | None, index: Location | None, name: str, project: str, undo: bool) -> None:
    """Forget the ticket NAME: #12 or SHOP-12.

    It goes from the tickets, from the index with all that it was before, and from a judge's kept
    verdicts, and no sync or import brings it back. What its commits themselves say of it stays: it
    is in their history.
    """
    session = Session.start(repo, {"index": index})
    with opened(session, write=True) as store:
        key = _key(session, store, name, project)
        told = f"{terminal(key.id)} of {terminal(key.project)}"
        if undo:
            if not store.recall(key):
                raise TicketError(f"{told} was not forgotten here")
            console.result(f"{told} is taken in again by the next sync or import\n")
            return
        store.forget(key)
    shutil.rmtree(session.git.common_dir / "bugguard-verdicts", ignore_errors=True)
    console.result(f"forgot {told}{_out_of_the_index(session)}\n")
    for note in _elsewhere(session):
        console.say(note)


def _out_of_the_index(session: Session) -> str:
    """Learns without it, and removes every generation that may still have it."""
    from bugguard.pipeline import refresh

    try:
        made = indexes.open_index(session.directory).manifest.provenance
    except IndexMissingError:
        return ", and there is no index yet"
    if not made.tickets:
        indexes.prune(session.directory)
        return ", and the index never had it"
    if len(made.sources) > 1:
        return (
            "; the index has it until it is brought up to date: run `bugguard index update` with "
            "--repo for each of its repositories"
        )
    with console.progress("learning without it") as progress:
        encoder = session.encoder(download=True)
        refresh.build(session.place(), session.lesson(), encoder, anew=False, progress=progress,
                      purge=True)  # fmt: skip
    return ", and brought the index up to date without it"


def _elsewhere(session: Session) -> list[str]:
    """What is not ours to reach."""
    notes = []
    if not session.is_private:
        notes.append(
            f"note: if {session.directory} is committed, its history still has what it had"
        )
    if session.settings.judge.cache is not None:
        notes.append(
            f"note: verdicts kept in {session.settings.judge.cache} may quote it: remove them"
        )
    return notes


def _key(session: Session, store: Store, name: str, project: str) -> TicketKey:
    """Which ticket is meant, known still or forgotten before. Raises TicketError."""
    from bugguard.tickets.homes import home

    written = f"#{name}" if name.isdecimal() else name
    found = [one.key for one in store.named(written)]
    if project:
        found = [key for key in found if key.project == home(project)]
    if len(found) > 1:
        several = ", ".join(terminal(key.project) for key in found)
        raise TicketError(f"{name!r} is a ticket of {several}: say whose with --project")
    if found:
        return found[0]
    remote = session.remote()
    places = [project] if project else [remote.name] if remote else []
    places += [*session.settings.learn.ticket_projects, *(one for _, one in store.counts())]
    for place in places:
        key = TicketKey(home(place), written)
        if store.is_forgotten(key):
            return key
    raise TicketError(
        f"no ticket is called {name!r} here: `bugguard tickets list` lists those that are known"
    )
