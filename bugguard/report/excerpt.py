"""The few lines of code that show a finding: what the fix did, and what the change does."""

from __future__ import annotations

from collections.abc import Sequence

from bugguard.domain import Match
from bugguard.report.escape import clip, terminal
from bugguard.report.words import count

WIDTH = 200  #: columns of a line of code; what is longer was written by a program


def fix(match: Match, most: int) -> list[str]:
    """The fix's hunk as a diff of about ``most`` lines, each safe to show."""
    body = match.pattern.hunk.body
    if len(body) <= most:
        return _shown(body)
    return _chosen([line for line in body if line[:1] != " "], match, most)


def yours(match: Match, most: int) -> list[str]:
    """The change's lines that made the match, likewise."""
    return _chosen(match.yours, match, most)


def cut(text: str, columns: int) -> str:
    """``clip``, at no cost where even wide characters would fit."""
    return text if 2 * len(text) <= columns else clip(text, columns)


def _chosen(lines: Sequence[str], match: Match, most: int) -> list[str]:
    if len(lines) <= most:
        return _shown(lines)
    tokens = match.evidence.tokens
    rank = [-sum(token in line for token in tokens) for line in lines]
    best = sorted(range(len(lines)), key=lambda place: (rank[place], place))[:most]
    left = count(len(lines) - most, "more line")
    return [*_shown([lines[place] for place in sorted(best)]), f"… and {left}"]


def _shown(lines: Sequence[str]) -> list[str]:
    return [cut(line[:1] + terminal(line[1:]).rstrip(), WIDTH) for line in lines]
