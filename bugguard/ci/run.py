"""A CI run, whichever service runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bugguard.errors import CiError

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Review:
    """The pull or merge request that a run belongs to."""

    number: int
    #: whether its commits come from another repository, whose runs get no token that may write
    from_fork: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be checked, as the service tells it. All shas are full ones.

    The change is what ``tip`` adds since it left all of ``bases`` and ``target``; what of these
    the clone has not got is left out, as long as one is there.
    """

    tip: str
    bases: tuple[str, ...] = ()  #: commits that it builds on
    target: str = ""  #: a branch that it is to go into, or left
    fallback: str = ""  #: a branch that takes the place of bases that are gone for good
    default: str = ""  #: the repository's default branch
    #: whether the default branch's own new commits are checked, which is when to learn them
    on_default: bool = False
    nothing: str = ""  #: why there is nothing to check; empty: there is
    unknown: str = ""  #: why nobody can say what is to be checked; empty: somebody can
    review: Review | None = None


def sha(value: object, name: str) -> str:
    """A full sha; empty for none and for git's null sha.

    name: where it stands. Raises CiError where it is something else.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise CiError(
            f"{name} is not the full sha of a commit but {value!r:.60}: "
            "name what is to be checked with --range A..B."
        )
    return value if value.strip("0") else ""


def needed(value: str, name: str) -> str:
    """The same where there has to be one."""
    if not value:
        raise CiError(f"{name} is not set: name what is to be checked with --range A..B.")
    return value
