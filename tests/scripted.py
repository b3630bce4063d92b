"""A distiller without any model: what it says of each fix is written beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bugguard.domain import LearnedFix
from bugguard.domain.lesson import Lesson, digest_of

Words = tuple[str, ...]


def lesson(
    fix: LearnedFix, text: str = "", trigger: Words = (), guard: Words = (), model: str = "scripted"
) -> Lesson:
    """A lesson of the fix; without a text it says the fix's subject."""
    return Lesson(text or f"Mind this: {fix.commit.subject}", model, digest_of(fix), trigger, guard)


class Scripted:
    """A :class:`bugguard.ports.Distiller`. say: its answer to one fix."""

    model = "scripted"

    def __init__(self, say: Callable[[LearnedFix], Lesson | str] = lesson) -> None:
        self._say = say
        self.asked: list[list[str]] = []  #: subjects, batch by batch

    def distil(self, fixes: Sequence[LearnedFix]) -> list[Lesson | str]:
        self.asked.append([fix.commit.subject for fix in fixes])
        return [self._say(fix) for fix in fixes]
