"""How a server wants to be asked. They differ in a few parameters and say so when asked wrongly."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bugguard.judge.asking.exchange import Request

_LIMITS = ("max_tokens", "max_completion_tokens")
_WEAKER = {"json_schema": "json_object", "json_object": "text"}

# How they call the answer's form: OpenAI and LM Studio, llama.cpp, vLLM, Ollama.
_FORM_WORDS = re.compile(r"response_format|json[_ ]schema|json_object|grammar|guided|structured")

# OpenAI and vLLM, llama.cpp now and before, vLLM's engine, LM Studio, Ollama.
_OVERFLOW = re.compile(
    r"context[_ ](?:length|size|window)|context the overflows|maximum model length"
    r"|input is too large to process|prompt (?:is )?too long|max_tokens must be at least 1"
)


class Complaint(NamedTuple):
    """What a server says is wrong with a request, in its own words, unsafe to show."""

    code: str  #: a word for programs; empty: none
    parameter: str  #: the parameter that it is about; empty: it does not say
    text: str


def complaint(body: bytes) -> Complaint:
    """The error in a response, in whichever of the usual shapes; any bytes will do."""
    text = body[:20_000].decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    error = data.get("error", data) if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return Complaint("", "", error if isinstance(error, str) else text)
    said = [error.get(name) for name in ("message", "msg", "detail")]
    words = next((str(item)[:20_000] for item in said if item), text)
    codes = [str(error.get(name) or "")[:80] for name in ("code", "type")]
    return Complaint(" ".join(codes).strip(), str(error.get("param") or "")[:80], words)


def overflows(said: Complaint) -> bool:
    """Whether the request was more than the model can read."""
    return _OVERFLOW.search(f"{said.code} {said.text[:2000]}".lower()) is not None


class Dialect:
    """The parameters that a server takes, as far as it is known; all requests to it share them."""

    def __init__(self, *, official: bool, structured: str) -> None:
        self._official = official
        self._limits = _LIMITS[::-1] if official else _LIMITS
        self._limit = self._limits[0]
        self._temperature = True
        self._structured = structured

    @property
    def structured(self) -> str:
        """How it is asked for JSON by now: ``json_schema``, ``json_object`` or ``text``."""
        return self._structured

    def parameters(self, request: Request) -> dict[str, Any]:
        """What goes beside the model and the messages."""
        chosen: dict[str, Any] = {self._limit: request.most_out}
        if self._temperature:
            chosen["temperature"] = 0
        if self._structured == "json_schema":
            shape = dict(request.schema)
            if not self._official:  # OpenAI refuses the keywords; a small model else never ends
                shape = bounded(shape, request.bounds)
            schema = {"name": request.form, "schema": shape, "strict": True}
            chosen["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self._structured == "json_object":
            chosen["response_format"] = {"type": "json_object"}
        return chosen

    def learn(self, sent: Mapping[str, Any], said: Complaint) -> bool:
        """Take it that the server does not know a parameter it complains of.

        sent: what :meth:`parameters` gave. Returns whether asking once more can help: each
        parameter is given up once, so that no server can make us ask for ever.
        """
        name = _meant([*sent], said)
        if name == "temperature":
            self._temperature = False
        elif name in _LIMITS:
            if name == self._limits[1]:
                return False
            self._limit = self._limits[1]
        elif name == "response_format":
            kind = sent[name]["type"]
            if kind == self._structured:  # else another request has learned it already
                self._structured = _WEAKER[kind]
        return name is not None


def bounded(schema: Any, bounds: Mapping[str, int], name: str = "") -> Any:
    """A JSON schema with ``maxLength`` or ``maxItems`` where a property's name has a bound."""
    if isinstance(schema, list):
        return [bounded(one, bounds, name) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {
        key: bounded(value, bounds, "" if key == "items" else name) for key, value in schema.items()
    }
    if isinstance(schema.get("properties"), dict):
        told["properties"] = {
            key: bounded(value, bounds, key) for key, value in schema["properties"].items()
        }
    keyword = {"string": "maxLength", "array": "maxItems"}.get(str(schema.get("type")))
    if keyword and name in bounds:
        told[keyword] = bounds[name]
    return told


def _meant(names: Sequence[str], said: Complaint) -> str | None:
    """The parameter of ``names`` that is complained of: the one that is named first."""
    text = f"{said.parameter} {said.text}".lower()
    places = {}
    for name in names:
        pattern = _FORM_WORDS if name == "response_format" else re.compile(rf"\b{name}\b")
        found = pattern.search(text)
        if found:
            places[name] = found.start()
    return min(places, key=lambda name: places[name]) if places else None
