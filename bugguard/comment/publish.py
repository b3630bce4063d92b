"""One comment, whatever was said before: created, edited, or left as it is."""

from __future__ import annotations

import re
from enum import Enum

from bugguard.comment.client import UncertainError
from bugguard.comment.places import Comment, Place
from bugguard.errors import CommentError

_SECTION = re.compile(r"^### ", re.MULTILINE)  # each finding has one


class Done(Enum):
    """What was done, in words."""

    CREATED = "commented"
    EDITED = "the comment was brought up to date"
    SAME = "the comment says it already"
    SILENT = "there is nothing to say"


def publish(place: Place, body: str, marker: str) -> Done:
    """Brings the request's one comment of ours to ``body``.

    Ours: by the token's own account, and with the marker at the top. Where there is none and
    ``body`` names no finding, none is made; where there is one, it is edited even then, so that
    what it said before no longer stands there. Others of ours, which two runs at the same time can
    make, are removed. Raises CommentError.
    """
    _check(place, body, marker)
    whose = place.whose()
    if whose is None or whose == "":
        raise CommentError("the service does not say whose the token is: nothing was commented.")
    mine = _mine(place, whose, marker)
    if not mine and not _SECTION.search(body):
        return Done.SILENT
    if not mine:
        try:
            place.create(body)
        except UncertainError:
            mine = _mine(place, whose, marker)
            if not mine:
                place.create(body)
        if not mine:
            return Done.CREATED
    first, *others = mine
    for other in others:
        place.remove(other)
    if _plain(first.body) == _plain(body):
        return Done.SAME
    place.edit(first, body)
    return Done.EDITED


def _mine(place: Place, whose: object, marker: str) -> list[Comment]:
    return [
        comment
        for comment in place.comments()
        if comment.id > 0 and comment.author == whose and _plain(comment.body).startswith(marker)
    ]


def _check(place: Place, body: str, marker: str) -> None:
    if not body.startswith(marker):
        raise CommentError(
            f"the report does not begin with {marker}: write it with "
            "`bugguard check --format markdown`."
        )
    if len(body) >= place.most:
        raise CommentError(
            f"the report has {len(body):,} characters, and a comment fewer than {place.most:,}: "
            "write it with `bugguard check --format markdown`, which keeps to that."
        )


def _plain(text: str) -> str:
    """Without what services change: line ends and the blanks around the text."""
    return text.replace("\r\n", "\n").strip()
