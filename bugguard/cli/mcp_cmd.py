"""``bugguard mcp``: past bugs for coding agents. Not ``mcp``, which is a package's name."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bugguard import agents
from bugguard.cli import console, defect
from bugguard.cli.options import index_option, repo_option
from bugguard.config import Location
from bugguard.errors import BugguardError

if TYPE_CHECKING:
    from bugguard.agents.tools import Answer, Answering

_SECONDS = 60.0  #: a call may take


@click.command()
@repo_option
@index_option
def command(repo: Path | None, index: Location | None) -> None:
    """Serve past bugs to coding agents: the Model Context Protocol on the standard streams.

    An editor or agent starts this itself, by its own settings, and is offered three tools:
    check_diff, show_fix and search_past_bugs. They only read, and ask no network and no judge.
    """
    from bugguard.cli.answers import Answers

    if sys.stdin is None:
        raise BugguardError("the standard input is closed: let an editor or agent start this.")
    answers = Answers(repo, index)
    if sys.stdin.isatty():
        console.say("bugguard: waits for an agent on the standard input; Ctrl-C ends it")
    agents.serve(sheltered(answers), seconds=_SECONDS)


def sheltered(answering: Answering) -> Answering:
    """The same, with a defect of ours told in a sentence: an agent's session goes on."""

    def answer(tool: str, arguments: Mapping[str, Any]) -> Answer:
        try:
            return answering(tool, arguments)
        except BugguardError:
            raise
        except Exception as error:
            raise BugguardError(defect(error)) from error

    return answer
