"""``bugguard tickets sync``: the only command that asks a tracker's server."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.ticketing import covered, opened, outcomes
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.errors import TicketError
from bugguard.ports import Tracker

PROVIDERS = ("gitlab", "github", "jira")
#: Servers that everybody knows: a token for one of them goes nowhere else.
_PUBLIC = {"gitlab": "gitlab.com", "github": "github.com"}


@click.command()
@repo_option
@index_option
@click.argument("provider", type=click.Choice(PROVIDERS))
@click.option("--url", metavar="URL", help="The server: https://gitlab.example.")
@click.option("--project", metavar="NAME", help="group/name, owner/name or Jira's key. Default: "
              "the remote's.")  # fmt: skip
@click.option("--label", "labels", metavar="NAME", multiple=True,
              help="Only tickets with this label. Default: bug.")  # fmt: skip
@click.option("--any-label", is_flag=True, help="Whatever their labels are.")
@click.option("--state", type=click.Choice(("closed", "open", "all")), help="Default: closed.")
@click.option("--jql", metavar="QUERY", help="Jira: which tickets, instead of the bugs.")
@click.option("--full", is_flag=True, help="Read all again, not only what changed since.")
@click.option("--confidential", is_flag=True, default=None, help="Keep confidential ones too.")
def sync(
    repo: Path | None, index: Location | None, provider: str, full: bool, any_label: bool,
    labels: tuple[str, ...], **flags: Any,
) -> None:  # fmt: skip
    """Take in tickets and what closes them from GitLab, GitHub or Jira.

    The token comes from GITLAB_TOKEN, GITHUB_TOKEN or JIRA_API_TOKEN, from the variable that
    tickets.token_variable names, or from the keyring. Only what changed since the last time is
    read; a run that was cut goes on where it ended.
    """
    from bugguard.tickets.intake import Taken
    from bugguard.tickets.intake import sync as take

    given = {f"tickets.{name}": value for name, value in flags.items()}
    session = Session.start(repo, {"index": index, "tickets.labels": labels, **given})
    asked = session.settings.tickets
    told = () if any_label else asked.labels
    scope = "; ".join(
        [asked.jql or " + ".join(told) or "any label", asked.state]
        + ["confidential"] * asked.confidential
    )
    heard: list[str] = []

    def tell(sentence: str) -> None:
        if sentence not in heard:  # what takes long is told at once, and once
            heard.append(sentence)
            console.say(sentence)

    validators: dict[str, str] = {}
    tracker = connect(provider, session, told, Caller(tell, validators))
    taken = Taken()
    with opened(session, write=True) as store:
        validators |= store.validators()
        try:
            since = None if full else store.cursor(provider, tracker.project, scope)
            with console.progress("reading tickets") as progress:
                take(store, tracker, provider, scope, taken, since=since,
                     confidential=asked.confidential, progress=progress)  # fmt: skip
            with store.changing():
                store.validate(validators)
        except BaseException:
            if taken.seen:  # it is kept, and the next run goes on from there
                console.result(outcomes(taken))
            raise
        finally:
            for note in getattr(tracker, "notes", ()):
                tell(str(note))
    console.result(outcomes(taken) + covered(session))


class Caller(NamedTuple):
    """Who asks a tracker, as far as it needs to know."""

    tell: Callable[[str], None]  #: told, a sentence at a time, what takes long
    validators: dict[str, str]  #: what servers said last, brought up to date by the tracker


def connect(provider: str, session: Session, labels: tuple[str, ...], caller: Caller) -> Tracker:
    """The tracker that the settings describe. Raises TicketError and TrackerError."""
    build = {"gitlab": _gitlab, "github": _github, "jira": _jira}
    return build[provider](session, labels, caller)


def _gitlab(session: Session, labels: tuple[str, ...], caller: Caller) -> Tracker:
    asked, project, url = session.settings.tickets, _project(session), _url(session, "gitlab")
    trackers = _trackers()
    wanted = trackers.GitLabTickets(
        project=project,
        url=url,
        labels=labels,
        state={"open": "opened"}.get(asked.state, asked.state),
        confidential=asked.confidential,
    )
    tracker: Tracker = trackers.connect(wanted, _access(session, caller))
    return tracker


def _github(session: Session, labels: tuple[str, ...], caller: Caller) -> Tracker:
    asked, project, url = session.settings.tickets, _project(session), _url(session, "github")
    trackers = _trackers()
    wanted = trackers.GitHubTickets(project=project, url=url, labels=labels, state=asked.state)
    tracker: Tracker = trackers.connect(wanted, _access(session, caller))
    return tracker


def _jira(session: Session, labels: tuple[str, ...], caller: Caller) -> Tracker:
    """Its query has its own labels and states."""
    asked = session.settings.tickets
    if not asked.project:
        raise TicketError("the project's key is not known: name it with --project SHOP")
    url = _url(session, "jira")
    trackers = _trackers()
    wanted = trackers.JiraTickets(
        project=asked.project, url=url, jql=asked.jql, confidential=asked.confidential
    )
    tracker: Tracker = trackers.connect(wanted, _access(session, caller))
    return tracker


def _trackers() -> Any:
    """The room of the trackers, which only who asks one pays for."""
    return import_module("bugguard.trackers")


def _access(session: Session, caller: Caller) -> Any:
    asked = session.settings.tickets
    return _trackers().Access(
        token_variable=asked.token_variable,
        ca_file=asked.ca_file,
        tell=caller.tell,
        validators=caller.validators,
    )


def _project(session: Session) -> str:
    asked, remote = session.settings.tickets.project, session.remote()
    if asked:
        return asked
    if remote is None:
        raise TicketError(
            "this repository has no remote that tells the project: name it with --project"
        )
    return unquote(remote.path)


def _url(session: Session, provider: str) -> str:
    """The server's address. A clone's remote is not enough: it would choose who gets the token."""
    asked, remote = session.settings.tickets.url, session.remote()
    if asked:
        return asked
    public = _PUBLIC.get(provider, "")
    if remote is not None and public and remote.host == public:
        return f"https://{public}"
    host = remote.host if remote is not None else f"{provider}.example"
    raise TicketError(
        f"the {provider} server is not known, and only who runs this may say who gets the token: "
        f"name it with --url https://{host}, or set tickets.url in your own config"
    )
