"""Reading a chat completion that may be anything: servers only claim to send one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from bugguard.judge.asking.dialect import complaint, overflows
from bugguard.judge.asking.exchange import Fault

TOO_SMALL = "has too small a context for this"
_MOST_TOKENS = 10_000_000  # of one answer; who claims more is not believed


class Completion(NamedTuple):
    """What a response holds. Tokens are None where the server says nothing that can be true."""

    said: str | Fault  #: an answer has no lone surrogates, which nothing could send or print
    tokens_in: int | None = None
    tokens_out: int | None = None


def read(body: bytes, quote: Callable[[str], str]) -> Completion:
    """A response that claims success. quote: makes a server's words safe to show."""
    if not body.strip():
        return Completion(Fault("sent an empty response"))
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return Completion(Fault("sent a response that is not JSON"))
    if not isinstance(data, dict):
        return Completion(_odd("is no object"))
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    counted = [_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
    return Completion(_said(data, body, quote), *counted)


def _said(data: dict[str, Any], body: bytes, quote: Callable[[str], str]) -> str | Fault:
    choices = data.get("choices")
    if not choices and data.get("error"):  # with status 200: llama.cpp's streams, some gateways
        error = complaint(body)
        reason = TOO_SMALL if overflows(error) else "sent an error instead of an answer"
        return Fault(reason, quote(error.text))
    if not isinstance(choices, list):
        return _odd("has no list of choices")
    if not choices:
        return _odd("has no choice in it")
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        return _odd("has no message in it")
    if choice.get("finish_reason") == "length":
        return Fault("gave an answer that was cut off")
    if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
        return Fault("refused to answer")
    content = message.get("content")
    if content is None:
        return Fault("gave no answer")
    if not isinstance(content, str):
        return _odd("has no text in it")
    if not content.strip():
        return Fault("gave an empty answer")
    return content.encode("utf-8", "replace").decode()


def _odd(what: str) -> Fault:
    return Fault(f"sent a response that is no completion: it {what}")


def _count(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None
