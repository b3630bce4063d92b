"""``bugguard comment``: one comment on the pull or merge request that a CI run is about."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard.ci import Run, tell
from bugguard.cli import console
from bugguard.cli.wiring import environment
from bugguard.errors import EXIT_CLEAN, CommentError, CommentRefusedError
from bugguard.report.markdown import MARKER

if TYPE_CHECKING:
    from bugguard.comment.places import Place

_CAP = 8 << 20  #: bytes


@click.command()
@click.option(
    "--file", "file", required=True, metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="The report that `bugguard check --format markdown` wrote; - for the standard input.",
)  # fmt: skip
@click.option("--number", type=click.IntRange(1), metavar="N", help="Of which request.")
@click.option(
    "--author", metavar="LOGIN", default="",
    help="On GitHub: whom the token of an app of your own comments as, such as 'my-app[bot]'.",
)  # fmt: skip
def command(file: Path, number: int | None, author: str) -> int:
    """Say a report in one comment on this CI run's pull or merge request.

    A comment that was made before is edited, and only if something changed. Only a comment of the
    token's own account is. The token is GITHUB_TOKEN or GITLAB_TOKEN.
    """
    told = environment()
    if not any(told.get(name) == "true" for name in ("GITHUB_ACTIONS", "GITLAB_CI")):
        raise CommentError(
            "nothing was commented: this is for jobs of GitHub Actions and GitLab CI, which say by "
            "variables what they are about."
        )
    run = tell(told)
    number = number or (run.review.number if run.review else None)
    if number is None:
        console.say("bugguard: not commented, for this run is not about a pull or merge request")
        return EXIT_CLEAN
    body = _read(file)
    from bugguard.comment.publish import publish

    try:
        done = publish(_place(told, number, author), body, MARKER)
    except CommentRefusedError as error:
        if not _is_forks(run):
            told_why = f"not commented: {str(error).rstrip('.')}; {_ADVICE}."
            raise CommentRefusedError(told_why) from error
        console.say(f"bugguard: not commented, for a fork's run may not: {error}")
        return EXIT_CLEAN
    console.say(f"bugguard: {done.value}")
    return EXIT_CLEAN


_ADVICE = (
    "the job needs `permissions: pull-requests: write` on GitHub, and on GitLab a project access "
    "token with the scope api as GITLAB_TOKEN"
)


def _is_forks(run: Run) -> bool:
    return run.review is not None and run.review.from_fork


def _read(file: Path) -> str:
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(_CAP + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(_CAP + 1)
        if len(data) > _CAP:
            raise CommentError(
                f"the report {file} is over {_CAP >> 20} MiB: nothing was commented."
            )
        return data.decode("utf-8")
    except OSError as error:
        raise CommentError(f"cannot read the report {file} ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CommentError(f"the report {file} is not UTF-8: nothing was commented.") from error


def _place(told: Mapping[str, str], number: int, author: str) -> Place:
    from bugguard.comment.client import Client
    from bugguard.comment.places import GitHub, GitLab

    if told.get("GITHUB_ACTIONS") == "true":
        token = _token(told, "GITHUB_TOKEN", "GH_TOKEN")
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        client = Client(_safe(told.get("GITHUB_API_URL") or "https://api.github.com"), headers)
        return GitHub(client, _named(told, "GITHUB_REPOSITORY"), number, author)
    token = _token(told, "GITLAB_TOKEN")
    client = Client(_safe(_named(told, "CI_API_V4_URL")), {"PRIVATE-TOKEN": token})
    name = "CI_MERGE_REQUEST_PROJECT_ID" if told.get("CI_MERGE_REQUEST_PROJECT_ID") else ""
    return GitLab(client, _named(told, name or "CI_PROJECT_ID"), number)


def _safe(url: str) -> str:
    if url.startswith("http://") and not url.startswith(("http://127.0.0.1:", "http://localhost:")):
        console.say("bugguard: the server is reached by http: the token can be read on the way")
    return url


def _named(told: Mapping[str, str], name: str) -> str:
    value = told.get(name, "")
    if not value:
        raise CommentError(f"{name} is not set: nothing was commented.")
    return value


def _token(told: Mapping[str, str], *names: str) -> str:
    for name in names:
        token = told.get(name, "").strip()
        if token:
            # Nothing that would end a header's line, or could not be sent in one.
            if all("!" <= one <= "~" for one in token):
                return token
            raise CommentError(
                f"what {name} holds is not a token: it has a blank or a letter beyond ASCII."
            )
    raise CommentRefusedError(f"there is no token in {names[0]}")
