"""The ``bugguard`` command itself: its help, and the table of what it can do."""

from __future__ import annotations

import click

from bugguard import __version__
from bugguard.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "init": Entry("bugguard.cli.init:command", "Learn this repository and offer the commit hook."),
    "check": Entry("bugguard.cli.check:command", "Check a change against the past fixes."),
    "hook": Entry("bugguard.cli.hook:command", "What pre-commit runs: check what is committed."),
    "scan": Entry("bugguard.cli.scan:command", "Find the places that a past fix forgot."),
    "show": Entry("bugguard.cli.show:command", "Show a past fix, whole."),
    "search": Entry("bugguard.cli.search:command", "Search the past fixes by words."),
    "baseline": Entry("bugguard.cli.baseline:command", "Set known findings aside."),
    "feedback": Entry("bugguard.cli.feedback:command", "Say whether a finding was of use."),
    "index": Entry("bugguard.cli.index:command", "Build, update and inspect what was learned."),
    "tickets": Entry("bugguard.cli.tickets:command", "Take in the tickets that fixes answer."),
    "eval": Entry("bugguard.cli.eval:command", "Measure it on labelled changes of the past."),
    "judge": Entry("bugguard.cli.judge:command", "Try the LLM that reads close matches."),
    "ci": Entry("bugguard.cli.ci:command", "Keep the index between CI jobs."),
    "comment": Entry(
        "bugguard.cli.comment:command", "Put a report below its pull or merge request."
    ),
    "mcp": Entry("bugguard.cli.mcp_cmd:command", "Serve past bugs to editors and agents (MCP)."),
    "config": Entry("bugguard.cli.config_cmd:command", "Show the settings and where they are set."),
}

STORY = """
bugguard remembers every bug that the history of a repository ever fixed, and warns when a change
takes such a fix back or repeats such a bug.

\b
Start:
  bugguard init             learn this repository, install the commit hook
  bugguard check            check what is staged
  bugguard check --range main..topic
  bugguard scan .           the places that a past fix forgot
  bugguard show 5333c352    the past fix that a finding names

Nothing leaves this machine unless you turn a judge on or let it comment, and nothing of your code
is changed.
"""

EPILOG = """
\b
Exit codes:
  0    clean
  1    findings
  2    bad usage, settings or input, or no index yet
  3    a judge is required and did not judge
  130  interrupted
  70   a defect of bugguard; the message names a log
"""


@click.command(
    cls=LazyGroup,
    table=COMMANDS,
    help=STORY,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="bugguard")
def bugguard() -> None:
    pass
