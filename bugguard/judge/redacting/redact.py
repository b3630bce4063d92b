"""Secrets are taken out of any text before it leaves for a judge, its cache or a log.

What is a secret is told by its own shape, by its label, or by the block it stands in. A secret that
was found in one place is hidden wherever it stands, in all texts that the same redactor is given
from then on. Texts should be given whole: a secret that was cut in half is harder to know.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from bugguard.judge.redacting.values import MARKER, Secret

if TYPE_CHECKING:
    from bugguard.judge.redacting.shapes import Shapes

__all__ = ["LEAST_EVERYWHERE", "LONG_LINE", "MARKER", "MOST_LINE", "Redactor"]

#: Characters. A longer line is data, not code to be read, and is hidden whole: on hostile lines the
#: time of some detectors grows with the square of the length.
MOST_LINE = 2_000
LONG_LINE = "long line"

#: Characters. Shorter secrets are hidden in their place only, for everywhere they would shred code.
LEAST_EVERYWHERE = 6

# Everything that any reader may take for the end of a line; no secret goes beyond one.
_LINE = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_MARGIN = re.compile(r"[+-]?[ \t]{0,100}")
_MARKED = re.compile(re.escape(MARKER))
_ROUNDS = 6

_WORDS = re.compile(r"[^\W\d]+(?:[-.][^\W\d]+)*")
_LONG_WORD = 16  # characters; hardly any name of code is as long without figures
_QUOTES = frozenset("\"'")


class Redactor:
    """Takes secrets out of texts, and remembers them for the texts to come.

    Nothing is loaded before the first text. No text makes it raise; JudgeError, at the first one,
    where detect-secrets is missing. Threads may share one.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()  #: how many were taken out, by the detector's name
        self._known = _Known()
        self._shapes: Shapes | None = None
        self._lock = threading.Lock()

    def redact(self, text: str) -> str:
        """``text`` with :data:`MARKER` for each secret, else unchanged, line by line.

        A secret of several lines has a marker on each; a line of more than :data:`MOST_LINE`
        characters is hidden whole. What was redacted once stays as it is when redacted again.
        """
        return self.redact_all([text])[0]

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        """Each text as from :meth:`redact`, but without the secrets found in any of the others."""
        with self._lock:
            now = list(texts)
            found: dict[str, list[Secret]] = {}
            # A marker may change what the words beside it are taken for, so what is left is looked
            # at again, until nothing is found. A text that goes on and on like that is a trick.
            for turn in range(_ROUNDS + 2):
                before = now = [self._without_long_lines(text) for text in now]
                for text in now:
                    if text not in found:
                        found[text] = list(self._find(text))
                        self._known.learn(text, found[text])
                now = [self._hide(text, found[text], turn >= _ROUNDS) for text in before]
                if now == before:
                    break
            return now

    def _without_long_lines(self, text: str) -> str:
        """``text`` with a marker for what stands on lines that are too long to be looked at."""
        if len(text) <= MOST_LINE:
            return text

        def short(line: re.Match[str]) -> str:
            if len(line[0]) <= MOST_LINE:
                return line[0]
            self.counts[LONG_LINE] += 1
            return _MARGIN.match(line[0])[0] + MARKER  # type: ignore[index]

        return _LINE.sub(short, text)

    def _find(self, text: str) -> Iterator[Secret]:
        """The secrets in ``text``, none beyond the end of a line; they may overlap."""
        from bugguard.judge.redacting.assigned import assigned
        from bugguard.judge.redacting.keys import keys
        from bugguard.judge.redacting.shapes import Shapes

        if self._shapes is None:
            self._shapes = Shapes()
        lines = [line.span() for line in _LINE.finditer(text)]
        for detector in (keys(text, lines), self._shapes.find(text), assigned(text, lines)):
            for secret in detector:
                for piece in _LINE.finditer(text, secret.start, secret.end):
                    yield secret._replace(start=piece.start(), end=piece.end())

    def _hide(self, text: str, secrets: Sequence[Secret], all_of_it: bool) -> str:
        """``text`` with markers for ``secrets`` and for what is known.

        all_of_it: if there is any, then for every line.
        """
        parts: list[str] = []
        end = 0
        for group in _groups(text, [*secrets, *self._known.find(text)]):
            start, stop = group[0].start, max(secret.end for secret in group)
            if not _MARKED.sub("", text[start:stop]):
                continue
            found = next(secret for secret in group if secret.kind)
            self.counts[found.kind] += found.first
            if all_of_it:
                return _LINE.sub(MARKER, text)
            parts += [text[end:start], MARKER]
            end = stop
        return "".join([*parts, text[end:]])


class _Known:
    """Secrets that were found, to be found again by their words alone."""

    def __init__(self) -> None:
        # By their first characters, then by their length: time does not grow with their number.
        self._known: dict[str, dict[int, dict[str, Secret]]] = {}

    def learn(self, text: str, secrets: Iterable[Secret]) -> None:
        for secret in secrets:
            if secret.everywhere:
                value = text[secret.start : secret.end].strip()
                for form in {value, unquote(value), quote(value, safe="", errors="replace")}:
                    if len(form) >= LEAST_EVERYWHERE and _LINE.fullmatch(form):
                        by_length = self._known.setdefault(form[:LEAST_EVERYWHERE], {})
                        by_length.setdefault(len(form), {}).setdefault(form, secret)

    def find(self, text: str) -> Iterator[Secret]:
        """Where what is known stands in ``text``; places may overlap."""
        if not self._known:
            return
        for start in range(len(text) - LEAST_EVERYWHERE + 1):
            by_length = self._known.get(text[start : start + LEAST_EVERYWHERE], {})
            for length, values in by_length.items():
                value = text[start : start + length]
                if value in values and _stands_alone(text, start, length, value):
                    yield values[value]._replace(start=start, end=start + length)


def _stands_alone(text: str, start: int, length: int, value: str) -> bool:
    """Whether what stands at ``start`` is ``value`` itself, and not code that has the same word.

    A password may be a common word. Then it is taken for one only where it is all of a literal.
    """
    before, after = text[max(0, start - 1) : start], text[start + length : start + length + 1]
    if value.isdigit():
        return not (before.isalnum() or after.isalnum())
    if len(value) < _LONG_WORD and _WORDS.fullmatch(value):
        return before in _QUOTES and after in _QUOTES
    return True


def _groups(text: str, secrets: Iterable[Secret]) -> Iterator[list[Secret]]:
    """Those that overlap, together with the markers that they overlap, in order."""
    marked = [Secret(*found.span(), "") for found in _MARKED.finditer(text)]
    group: list[Secret] = []
    end = 0
    for secret in sorted([*secrets, *marked], key=lambda one: (one.start, -one.end)):
        if group and secret.start >= end:
            yield group
            group = []
        group.append(secret)
        end = max(end, secret.end)
    if group:
        yield group
