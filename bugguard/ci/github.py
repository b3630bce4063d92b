"""GitHub Actions: its default variables, and the event's payload as the webhooks document it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bugguard.ci.run import Review, Run, needed, sha
from bugguard.errors import CiError

_CAP = 32 << 20  #: bytes; a webhook's payload has 25 MB at most


def tell(environ: Mapping[str, str]) -> Run:
    """Raises CiError for an event that cannot be read, or must not be used."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    event = _event(environ)
    default = _text(event, "repository", "default_branch")
    if name == "pull_request_target":
        raise CiError(
            "pull_request_target runs with the repository's secrets beside a stranger's code: "
            "let the workflow run on pull_request, which is enough for bugguard."
        )
    if name.startswith("pull_request"):
        return _review(event, default, environ)
    if name == "merge_group":
        tip = sha(_at(event, "merge_group", "head_sha"), "merge_group.head_sha")
        base = sha(_at(event, "merge_group", "base_sha"), "merge_group.base_sha")
        base = needed(base, "merge_group.base_sha")
        return Run(needed(tip, "merge_group.head_sha"), (base,), default=default)
    if name == "push":
        return _push(event, default, environ)
    tip = needed(sha(environ.get("GITHUB_SHA"), "GITHUB_SHA"), "GITHUB_SHA")
    branch = environ.get("GITHUB_REF", "").removeprefix("refs/heads/")
    if default and branch not in ("", default) and not branch.startswith("refs/"):
        return Run(tip, target=default, default=default)
    why = f"the event {name!r:.60} says nothing of what changed"
    return Run(tip, default=default, on_default=branch == default, unknown=why)


def _review(event: object, default: str, environ: Mapping[str, str]) -> Run:
    pull = "pull_request"
    tip = needed(sha(_at(event, pull, "head", "sha"), f"{pull}.head.sha"), f"{pull}.head.sha")
    base = needed(sha(_at(event, pull, "base", "sha"), f"{pull}.base.sha"), f"{pull}.base.sha")
    number = _at(event, pull, "number")
    review = None
    if type(number) is int and number > 0:
        # A fork that was deleted meanwhile is null.
        home, here = (_text(event, pull, side, "repo", "full_name") for side in ("head", "base"))
        review = Review(number, from_fork=home != here)
    # The event's base is as old as the last push to the request. What came into the branch by a
    # merge since then would look like its own, so the branch itself counts too.
    target = environ.get("GITHUB_BASE_REF") or _text(event, pull, "base", "ref")
    return Run(tip, (base,), target, default=default, review=review)


def _push(event: object, default: str, environ: Mapping[str, str]) -> Run:
    ref = _text(event, "ref") or environ.get("GITHUB_REF", "")
    after = sha(_at(event, "after"), "after")
    if _at(event, "deleted") is True or not after:
        return Run(after, default=default, nothing="a branch or a tag was deleted")
    if ref.startswith("refs/tags/"):
        # An annotated tag is an object of its own; the commit is told by the variable.
        return Run(environ.get("GITHUB_SHA", after), default=default, nothing="a tag was pushed")
    before = sha(_at(event, "before"), "before")
    on_default = ref == f"refs/heads/{default}"
    if before:
        # Where a forced push has left the commit before it behind for good, a branch is still
        # known by what it adds to the default branch.
        other = "" if on_default else default
        return Run(after, (before,), "", other, default, on_default)
    if on_default:
        first = "the whole history was pushed, and nothing came before it"
        return Run(after, default=default, on_default=True, nothing=first)
    return Run(after, target=default, default=default)


def _event(environ: Mapping[str, str]) -> object:
    path = environ.get("GITHUB_EVENT_PATH", "")
    advice = "name what is to be checked with --range A..B."
    if not path:
        raise CiError(f"GITHUB_EVENT_PATH is not set: {advice}")
    try:
        with Path(path).open("rb") as file:
            data = file.read(_CAP + 1)
        event = json.loads(data) if len(data) <= _CAP else None
    except OSError as error:
        raise CiError(f"the event {path} cannot be read ({error.strerror}): {advice}") from error
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise CiError(f"the event {path} is not a JSON object of at most 32 MiB: {advice}")
    return event


def _at(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: object, *names: str) -> str:
    found = _at(value, *names)
    return found if isinstance(found, str) else ""
