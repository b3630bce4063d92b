"""The judge itself: shows, asks, and believes only what the evidence bears out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel

from bugguard.domain import Opinion, Question, Rule, Section, Shortlist, Survey, Usage
from bugguard.judge import prompt
from bugguard.judge.asking.client import Fault, Reply, Request
from bugguard.judge.asking.ledger import Ledger
from bugguard.judge.cache import Cache
from bugguard.judge.redacting.redact import Redactor
from bugguard.judge.schema import Answer, Named, parse
from bugguard.judge.sections import narrowed
from bugguard.judge.verifying.verify import Verified, verify

MOST_NAMED = 3  #: past fixes that a survey may name
_OUT = 900  #: tokens of an answer at most: it is a few sentences, quotes and a small diff
#: The same in characters and items, for servers that keep a model to them.
_BOUNDS = {"explanation": 600, "evidence": 4, "where": 20, "quote": 160, "suggestion": 800,
           "fixes": 3}  # fmt: skip
_OUT_NAMED = 300  #: of a survey's
_LINE = 200  #: characters of the line that stands for a fix in a survey


class Asks(Protocol):
    """What this needs of a client, so that another can stand in for it."""

    def ask(self, requests: Sequence[Request]) -> list[Reply | Fault]: ...

    def restart(self) -> None: ...


class _Shown(NamedTuple):
    """A question as it is put."""

    question: Question
    sections: list[Section]  #: without secrets
    key: str  #: names the answer in the cache


class Reader:
    """A judge that asks an LLM through ``client``, each question once.

    client: asks, within its own deadline and budget.
    language: the code of the one to explain in.
    more: calls and tokens that surveys, and what they name, may take besides.
    """

    def __init__(
        self,
        client: Asks,
        ledger: Ledger,
        cache: Cache | None,
        redactor: Redactor,
        model: str,
        language: str = "en",
        more: tuple[int, int] = (0, 0),
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._cache = cache
        self._redactor = redactor
        self._model = model
        self._language = language
        self._more = more
        self._cached = self._removed = self._dropped = 0

    @property
    def model(self) -> str:
        return self._model

    @property
    def usage(self) -> Usage:
        ledger = self._ledger
        return Usage(
            calls=ledger.calls,
            tokens_in=ledger.tokens_in,
            tokens_out=ledger.tokens_out,
            cached=self._cached,
            cost=ledger.cost,
            redacted=self._redactor.counts.total(),
            removed=self._removed,
            dropped=self._dropped,
        )

    def judge(self, questions: Sequence[Question]) -> list[Opinion]:
        """What is made of each, in their order."""
        shown = self._all_shown(questions)
        opinions: dict[int, Opinion] = {}
        for place, one in enumerate(shown):
            known = self._known(one)
            if known is not None:
                self._cached += 1
                opinions[place] = self._believed(known)
        asked: dict[str, _Shown] = {}  # copies of code are one question, wherever they stand
        for place, one in enumerate(shown):
            if place not in opinions:
                asked.setdefault(one.key, one)
        replies = self._client.ask([self._request(one) for one in asked.values()])
        said = dict(zip(asked, replies, strict=True))
        for place, one in enumerate(shown):
            if place not in opinions:
                opinions[place] = self._heard(one, said[one.key])
        if asked and self._cache is not None:
            self._cache.prune()
        return [opinions[place] for place in range(len(shown))]

    def shortlist(self, survey: Survey) -> Shortlist:
        """At most :data:`MOST_NAMED` of the survey's fixes.

        It has a budget and a time of its own, and so has what it names.
        """
        self._ledger.extend(*self._more)
        self._client.restart()
        texts = self._redacted([*(one.text for one in survey.sections), *survey.lessons])
        sections = [
            one._replace(text=text) for one, text in zip(survey.sections, texts, strict=False)
        ]
        lessons = [" ".join(text.split())[:_LINE] for text in texts[len(sections) :]]
        key = self._key("survey", [*((one.where, one.text) for one in sections), lessons])
        known = self._cache.get(key) if self._cache else None
        if known is not None and _complaint(Named, known) is None:
            self._cached += 1
            return _named(parse(Named, known), len(lessons))
        request = Request(
            messages=prompt.survey(sections, lessons, self._language),
            form="survey",
            schema=Named.model_json_schema(),
            most_out=_OUT_NAMED,
            check=lambda text: _complaint(Named, text),
            bounds=_BOUNDS,
        )
        [reply] = self._client.ask([request])
        if isinstance(reply, Fault):
            return Shortlist((), reply.reason)
        self._keep(key, parse(Named, reply.text))
        return _named(parse(Named, reply.text), len(lessons))

    def _redacted(self, texts: Sequence[str]) -> list[str]:
        return [narrowed(text) for text in self._redactor.redact_all(texts)]

    def _all_shown(self, questions: Sequence[Question]) -> list[_Shown]:
        """All at once: what is a secret in one question is a secret in the others."""
        texts = iter(self._redacted([s.text for one in questions for s in one.sections]))
        return [
            self._shown(one, [s._replace(text=next(texts)) for s in one.sections])
            for one in questions
        ]

    def _shown(self, question: Question, sections: list[Section]) -> _Shown:
        told = [(one.where, one.text) for one in sections if one.keyed]
        return _Shown(question, sections, self._key(question.match.rule.id, told))

    def _key(self, what: str, told: Any) -> str:
        return json.dumps([prompt.VERSION, self._model, self._language, what, told])

    def _known(self, one: _Shown) -> Verified | None:
        text = self._cache.get(one.key) if self._cache else None
        if text is None:
            return None
        try:
            verified = self._verified(one, text, cached=True)
            stands = verified.judgement.verdict == parse(Answer, text).verdict
        except ValueError:
            return None
        # What it quoted may not be shown any more: then it is asked again.
        return verified if stands else None

    def _verified(self, one: _Shown, text: str, *, cached: bool = False) -> Verified:
        """ValueError where the answer has not its form, or speaks of what was not shown."""
        answer = parse(Answer, text)
        match, content = one.question.match, one.question.content
        return verify(answer, one.sections, match, content, self._model, cached)

    def _request(self, one: _Shown) -> Request:
        def check(text: str) -> str | None:
            try:
                self._verified(one, text)
            except ValueError as error:
                return str(error)
            return None

        standing = one.question.match.rule is Rule.UNFIXED_SIBLING
        ask = prompt.place if standing else prompt.pair
        return Request(
            messages=ask(one.sections, self._language),
            form="judgement",
            schema=Answer.model_json_schema(),
            most_out=_OUT,
            check=check,
            bounds=_BOUNDS,
        )

    def _heard(self, one: _Shown, reply: Reply | Fault) -> Opinion:
        if isinstance(reply, Fault):
            return Opinion(None, reply.reason)
        verified = self._verified(one, reply.text)
        # With the verdict that was left of it: one that falls further is asked about again.
        answer = parse(Answer, reply.text)
        self._keep(one.key, answer.model_copy(update={"verdict": verified.judgement.verdict}))
        return self._believed(verified)

    def _believed(self, verified: Verified) -> Opinion:
        self._removed += verified.removed
        self._dropped += verified.dropped
        return Opinion(verified.judgement)

    def _keep(self, key: str, answer: BaseModel) -> None:
        if self._cache is not None:
            self._cache.put(key, answer.model_dump_json())


def _complaint(form: type[BaseModel], text: str) -> str | None:
    try:
        parse(form, text)
    except ValueError as error:
        return str(error)
    return None


def _named(answer: Named, lessons: int) -> Shortlist:
    """Numbers of what was not shown are passed over."""
    numbers = dict.fromkeys(number for number in answer.fixes if 1 <= number <= lessons)
    return Shortlist(tuple(number - 1 for number in list(numbers)[:MOST_NAMED]))
