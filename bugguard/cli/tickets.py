"""``bugguard tickets``: take tickets in, list them, and forget one."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from bugguard.cli import console
from bugguard.cli.forgetting import forget
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.screen import tickets_on_screen
from bugguard.cli.syncing import sync
from bugguard.cli.ticketing import covered, opened, outcomes
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.errors import TicketError
from bugguard.report import ticketed
from bugguard.report.escape import terminal
from bugguard.report.model import iso_date
from bugguard.report.words import count

if TYPE_CHECKING:
    from bugguard.tickets.imports import Notes
    from bugguard.tickets.imports.record import Context, Row
    from bugguard.tickets.intake import Taken

FORMS = (
    "auto", "gitlab-csv", "gitlab-json", "gitlab-export", "github-json", "github-tsv", "jira-csv",
    "jira-xml", "jsonl",
)  # fmt: skip
_LISTED = 50  #: tickets, where nobody says how many
_TOLD = 5  #: rows that are left out, told one by one


@click.group(name="tickets")
def command() -> None:
    """Take in the tickets that fixes answer, so that findings show them.

    They are kept beside the index, and `bugguard index update` joins them to the fixes: by the
    merge requests that closed them first, then as commit messages name them.
    """


command.add_command(sync)
command.add_command(forget)


@command.command(name="import")
@repo_option
@index_option
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--project", metavar="NAME", default="",
              help="Whose tickets: gitlab.example/group/name. Default: as the file or the remote "
                   "says.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMS), default="auto", show_default=True,
              help="Told by what is in the file.")  # fmt: skip
@click.option("--confidential", is_flag=True, help="Keep confidential tickets too.")
def import_file(
    repo: Path | None,
    index: Location | None,
    file: Path,
    project: str,
    form: str,
    confidential: bool,
) -> None:
    """Take in tickets from FILE, which people can export without a token.

    GitLab: issues as CSV, `glab issue list --all --output json`, `glab mr list --merged --output
    json` for what closed them, or a project's export (.tar.gz). GitHub: `gh issue list --state all
    --limit 9999 --json number,title,body,labels,state,stateReason,createdAt,closedAt,updatedAt,url,
    author,assignees,closedByPullRequestsReferences`, `gh pr list --state merged --limit 9999 --json
    number,url,state,mergeCommit,commits,closingIssuesReferences`. Jira: CSV or XML. Anything else:
    JSON Lines with "id" and "title". A dash reads the standard input.
    """
    from bugguard.tickets.imports import Notes, read
    from bugguard.tickets.intake import Taken

    session = Session.start(repo, {"index": index})
    context = _context(session, project)
    taken, notes, left_out = Taken(), Notes(), []
    keep = confidential or session.settings.tickets.confidential
    wanted = "" if form == "auto" else form
    with _file(file) as path, opened(session, write=True) as store, store.changing():
        with console.progress("reading tickets") as progress:
            for number, row in enumerate(_named(read(path, wanted, context, notes), file, path), 1):
                if row.problem:
                    left_out.append(row)
                elif row.tracked is not None:
                    taken.put(store, row.tracked, confidential=keep, synced=False)
                else:
                    taken.links += store.link(row.links)
                if number % 256 == 0:
                    progress(number, 0)
        _refuse_nothing(taken, left_out, file)
    _tell(file, taken, notes, left_out)
    console.result(covered(session))


@command.command(name="list")
@repo_option
@index_option
@click.option("--project", metavar="NAME", default="", help="Only those of one project.")
@click.option("--limit", metavar="N", type=click.IntRange(1),
              help="List no more than N. Default: 50, and all as JSON.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON Lines, which can be imported.")
def list_tickets(
    repo: Path | None, index: Location | None, project: str, limit: int | None, as_json: bool
) -> None:
    """List the tickets that are known here, and whether they count as bugs."""
    from bugguard.tickets.homes import home
    from bugguard.tickets.imports.plain import line_of
    from bugguard.tickets.kinds import KindRules

    session = Session.start(repo, {"index": index})
    learn = session.settings.learn
    kinds = KindRules(learn.bug_labels, learn.not_bug_labels)
    with opened(session) as store:
        most = limit or (None if as_json else _LISTED)
        records = store.every(home(project))
        listed = islice(records, most)
        if as_json:
            for record in listed:
                line = line_of(record, store.text(record.key), store.links(record.key))
                console.result(line + "\n")
        elif console.looked_at():
            console.result(
                tickets_on_screen((record, kinds.kind(record).kind.value) for record in listed)
            )
        else:
            for record in listed:
                console.result(ticketed.row(record, kinds.kind(record).kind.value))
        rest = 0 if as_json else sum(1 for _ in records)
        if rest:
            console.result(
                f"{count(rest, 'more ticket')}: list all with --limit {(most or 0) + rest}\n"
            )


@command.command()
@repo_option
@index_option
def info(repo: Path | None, index: Location | None) -> None:
    """Say which tickets are known, from where, and how many fixes have one."""
    session = Session.start(repo, {"index": index})
    with opened(session) as store:
        tickets, links, forgotten = store.totals()
        lines = [
            f"{terminal(str(session.tickets))}: {count(tickets, 'ticket')}, "
            f"{count(links, 'link')} to commits and merge requests, {forgotten:,} forgotten"
        ]
        for (source, project), number in store.counts().items():
            lines.append(f"  {number:,} of {terminal(project)} ({terminal(source)})")
        for cursor in store.cursors():
            changed = iso_date(cursor.updated)[:10] if cursor.updated else "nothing"
            lines.append(
                f"  synced {terminal(cursor.project)} ({terminal(cursor.source)}"
                f"{terminal(f'; {cursor.scope}' if cursor.scope else '')}) on "
                f"{iso_date(cursor.at)[:10]}, up to what changed on {changed}"
            )
    console.result("\n".join(lines) + "\n" + covered(session))


def _context(session: Session, project: str) -> Context:
    from bugguard.tickets.imports.record import Context

    remote = session.remote()
    try:
        jira = urlsplit(session.settings.learn.ticket_url or "").hostname or ""
    except ValueError:
        jira = ""
    return Context(project, remote.name if remote else "", jira)


@contextmanager
def _file(file: Path) -> Iterator[Path]:
    """The file, or what the standard input holds as one."""
    if str(file) != "-":
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="bugguard-") as folder:
        path = Path(folder) / "input"
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy, 1 << 20)
        yield path


def _named(rows: Iterator[Row], file: Path, path: Path) -> Iterator[Row]:
    """The rows, with errors that name the file as the user did."""
    try:
        yield from rows
    except TicketError as error:
        shown = "the standard input" if str(file) == "-" else str(file)
        raise TicketError(str(error).replace(str(path), shown, 1)) from error


def _refuse_nothing(taken: Taken, left_out: list[Row], file: Path) -> None:
    """Raises where nothing at all came in: that is no import, whatever the reason."""
    if taken.seen or taken.links:
        return
    why = f": line {left_out[0].line}: {left_out[0].problem}" if left_out else ""
    shown = "the standard input" if str(file) == "-" else str(file)
    raise TicketError(f"{shown} has no ticket that can be taken in{why}")


def _tell(file: Path, taken: Taken, notes: Notes, left_out: list[Row]) -> None:
    shown = "the standard input" if str(file) == "-" else str(file)
    for note in notes.lines:
        console.complain(f"{shown}: {note}")
    for row in left_out[:_TOLD]:
        console.complain(f"{shown}:{row.line}: left out, since {row.problem}")
    if left_out[_TOLD:]:
        console.complain(f"{shown}: {len(left_out) - _TOLD:,} more are left out for such reasons")
    console.result(outcomes(taken))
