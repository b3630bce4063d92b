"""Lessons: what one past fix teaches, in a line, distilled once and kept with the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bugguard.domain import LearnedFix, Section
from bugguard.domain.edit import CODE_WORD
from bugguard.domain.lesson import MOST_GUARD, MOST_TEXT, MOST_TRIGGER, MOST_WORD, Lesson, digest_of
from bugguard.judge import prompt
from bugguard.judge.asking.exchange import Fault, Reply, Request
from bugguard.judge.reader import Asks
from bugguard.judge.redacting.redact import Redactor
from bugguard.judge.schema import Distilled, parse
from bugguard.judge.sections import Seen, lesson, narrowed
from bugguard.judge.verifying.prose import Record, scrub
from bugguard.judge.verifying.quotes import Shown, says_something

_OUT = 400  #: tokens of an answer at most
_BOUNDS = {"evidence": 3, "where": 20, "quote": 160, "lesson": MOST_TEXT,
           "trigger": MOST_TRIGGER, "guard": MOST_GUARD}  # fmt: skip


class Teacher:
    """Distils by an LLM. What it says is kept only where the fix bears it out.

    connect: a new client for so many questions, whose deadline starts with the first of them.
    seen: whether a file may be shown; of a fix that has no other files nothing is asked.
    """

    def __init__(
        self, connect: Callable[[int], Asks], redactor: Redactor, model: str, seen: Seen
    ) -> None:
        self._connect = connect
        self._redactor = redactor
        self._model = model
        self._seen = seen

    @property
    def model(self) -> str:
        return self._model

    def distil(self, fixes: Sequence[LearnedFix]) -> list[Lesson | str]:
        """For each fix its lesson, or why there is none."""
        shown = [self._shown(fix) for fix in fixes]
        asked = [place for place, sections in enumerate(shown) if sections]
        requests = [self._request(fixes[place], shown[place]) for place in asked]
        replies = self._connect(len(requests)).ask(requests) if requests else []
        told: list[Lesson | str] = ["may not see its files"] * len(fixes)
        for place, reply in zip(asked, replies, strict=True):
            told[place] = self._heard(fixes[place], shown[place], reply)
        return told

    def _shown(self, fix: LearnedFix) -> list[Section]:
        """Without secrets; empty where there is no code that may be shown."""
        sections = lesson(fix, self._seen)
        if not any(one.where == "edit" for one in sections):
            return []
        texts = self._redactor.redact_all([one.text for one in sections])
        return [
            one._replace(text=narrowed(text)) for one, text in zip(sections, texts, strict=True)
        ]

    def _request(self, fix: LearnedFix, sections: Sequence[Section]) -> Request:
        def check(text: str) -> str | None:
            try:
                self._believed(fix, sections, text)
            except ValueError as error:
                return str(error)
            return None

        return Request(
            messages=prompt.lesson(sections),
            form="lesson",
            schema=Distilled.model_json_schema(),
            most_out=_OUT,
            check=check,
            bounds=_BOUNDS,
        )

    def _heard(
        self, fix: LearnedFix, sections: Sequence[Section], reply: Reply | Fault
    ) -> Lesson | str:
        if isinstance(reply, Fault):
            return reply.reason
        return self._believed(fix, sections, reply.text)

    def _believed(self, fix: LearnedFix, sections: Sequence[Section], text: str) -> Lesson:
        """ValueError, in a clause, where nothing bears the lesson out."""
        said = parse(Distilled, text)
        standing = (Shown(sections).find(quote) for quote in said.evidence)
        if not any(one is not None and says_something(one.text) for one in standing):
            raise ValueError("evidence: no quote stands in what was shown")
        line = " ".join(scrub(said.lesson, Record.of(fix.commit), MOST_TEXT).text.split())
        trigger, guard = _words(said.trigger, fix, "-"), _words(said.guard, fix, "+")
        if not trigger or not guard:
            trigger = guard = ()
        return Lesson(line, self._model, digest_of(fix), trigger[:MOST_TRIGGER], guard[:MOST_GUARD])


def _words(said: Sequence[str], fix: LearnedFix, marker: str) -> tuple[str, ...]:
    """Those that stand in the fix's code: of the buggy side (``-``) or the fixed one (``+``)."""
    other = "+" if marker == "-" else "-"
    lines = (line[1:] for one in fix.patterns for line in one.hunk.body if line[:1] != other)
    known = {word for line in lines for word in CODE_WORD.findall(line)}
    return tuple(dict.fromkeys(word for word in said if word in known and len(word) <= MOST_WORD))
