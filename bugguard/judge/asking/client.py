"""Asking a model: the only network of a check, and the only module that knows openai.

All of a run shares one deadline of wall-clock time, whatever servers do with their connections.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

from bugguard.errors import JudgeError
from bugguard.judge.asking import trouble
from bugguard.judge.asking.completion import Completion, read
from bugguard.judge.asking.dialect import Dialect
from bugguard.judge.asking.endpoint import PLACEHOLDER, Endpoint, trust
from bugguard.judge.asking.exchange import Fault, Reply, Request, one_line, tokens
from bugguard.judge.asking.ledger import Ledger, Reservation
from bugguard.judge.asking.loop import GRACE, run
from bugguard.judge.asking.trouble import RefusedError, Trouble, UnusableError

__all__ = ["Client", "Endpoint", "Fault", "Reply", "Request"]

MOST_BODY = 1_000_000  #: bytes of a response; more are not even read
_MOST_ERROR = 20_000  # bytes of one that is no answer
_ERROR_WAIT = 1.0  # seconds for them
_TELLING = 6  # characters of a key in a row that tell something of it
_RAW = "x-stainless-raw-response"  # the client's own mark of how it will read the response
_LOGGERS = ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio", "concurrent.futures")


class Client:
    """Asks one endpoint, within one deadline that counts from its first question.

    deadline: seconds. concurrency: how many requests are under way at once. Raises JudgeError if
    the package openai cannot be loaded, or the endpoint's CA file.
    """

    def __init__(
        self, endpoint: Endpoint, ledger: Ledger, *, deadline: float, concurrency: int
    ) -> None:
        self._openai = _library()
        self._endpoint = endpoint
        self._trust = trust(endpoint.ca_file) if endpoint.ca_file else None
        self._ledger = ledger
        self._deadline = deadline
        self._concurrency = concurrency
        self._dialect = Dialect(official=endpoint.is_official, structured=endpoint.structured)
        self._until: float | None = None
        self._hopeless: Fault | None = None  # what every further request would meet

    @property
    def structured(self) -> str:
        """How the server is asked for JSON by now, see :class:`Dialect`."""
        return self._dialect.structured

    def restart(self) -> None:
        """Let the deadline count from the next question on."""
        self._until = None

    def ask(self, requests: Sequence[Request]) -> list[Reply | Fault]:
        """What came of each, in their order. Nothing that a server or network does is raised."""
        if self._until is None:
            self._until = time.monotonic() + self._deadline
        return run(self._all(requests))

    @property
    def _left(self) -> float:
        return (self._until or 0.0) - time.monotonic()

    async def _all(self, requests: Sequence[Request]) -> list[Reply | Fault]:
        late = Fault(f"did not answer within {self._deadline:g} s")
        if not requests or self._left <= 0:
            return [late for _ in requests]
        try:
            server = self._server()
        except Exception as error:  # of a proxy or a certificate; its text may hold a password
            kind = type(error).__name__
            reason = f"could not be asked ({kind}): look at the variables for proxies and TLS"
            return [Fault(reason) for _ in requests]
        slots = asyncio.Semaphore(self._concurrency)
        tasks = [asyncio.ensure_future(self._one(server, slots, each)) for each in requests]
        try:
            await asyncio.wait(tasks, timeout=self._left)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=GRACE)
            await asyncio.wait([asyncio.ensure_future(server.close())], timeout=GRACE)
        return [late if not task.done() or task.cancelled() else task.result() for task in tasks]

    async def _one(self, server: Any, slots: asyncio.Semaphore, request: Request) -> Reply | Fault:
        """An answer that fits, with one try to mend it."""
        async with slots:
            start = time.monotonic()
            talk = [
                {"role": each["role"], "content": _sendable(each["content"])}
                for each in request.messages
            ]
            spent_in = spent_out = 0
            wrong: Fault | None = None
            for repaired in (False, True):
                answer = await self._answer(server, talk, request, wrong)
                if isinstance(answer.said, Fault):
                    return answer.said
                spent_in += answer.tokens_in or 0
                spent_out += answer.tokens_out or 0
                complaint = request.check(answer.said)
                if complaint is None:
                    seconds = time.monotonic() - start
                    return Reply(answer.said, spent_in, spent_out, seconds, repaired)
                wrong = Fault(f"answered in the wrong form: {one_line(complaint)}")
                asked = f"That does not fit: {complaint}. Answer again, in the required form only."
                talk += [
                    {"role": "assistant", "content": answer.said[: request.most_out * 8]},
                    {"role": "user", "content": _sendable(asked)},
                ]
            return wrong or Fault("gave no answer")

    async def _answer(
        self,
        server: Any,
        talk: Sequence[Mapping[str, str]],
        request: Request,
        wrong: Fault | None,
    ) -> Completion:
        """What a model says to ``talk``, tried again where that may help and time is left.

        wrong: what is said where the ledger does not let us ask; None: what the ledger says.
        """
        met: Trouble | None = None
        tried = 0  # times that went wrong, without those that only taught us the dialect
        while self._hopeless is None:
            chosen = self._dialect.parameters(request)
            reserved = self._reserve(talk, chosen, request.most_out)
            if isinstance(reserved, str):
                return Completion(met.fault if met else wrong or Fault(reserved))
            got = await self._try(server, talk, chosen, reserved)
            if isinstance(got, Completion):
                return got
            if got is None:
                continue
            met = got
            if met.final:
                self._hopeless = met.fault
            tried += 1
            if tried > met.tries:
                return Completion(met.fault)
            if met.pause >= self._left:
                return Completion(met.late or met.fault)
            await asyncio.sleep(met.pause)
        return Completion(self._hopeless)

    async def _try(
        self,
        server: Any,
        talk: Sequence[Mapping[str, str]],
        chosen: Mapping[str, Any],
        reserved: Reservation,
    ) -> Completion | Trouble | None:
        """One request. None: it is to be asked in another dialect, which is known now."""
        spent_in, spent_out = reserved.tokens_in, reserved.tokens_out  # whatever comes between
        try:
            said, told_in, told_out = read(await self._post(server, talk, chosen), self._quote)
            if told_in is None:
                told_in = tokens("".join(each["content"] for each in talk))
            if told_out is None:
                told_out = tokens(said) if isinstance(said, str) else spent_out
            spent_in, spent_out = told_in, told_out
            return Completion(said, spent_in, spent_out)
        except Exception as error:
            met = trouble.of(error, self._endpoint.name, self._quote)
            if met.complaint is not None and self._dialect.learn(chosen, met.complaint):
                self._ledger.forgive(reserved)
                return None
            spent_in *= met.was_read
            spent_out *= met.was_answered
            return met
        finally:
            self._ledger.settle(reserved, spent_in, spent_out, within=1.0)

    async def _post(
        self, server: Any, talk: Sequence[Mapping[str, str]], chosen: Mapping[str, Any]
    ) -> bytes:
        """The body of a response that claims success."""
        create = server.chat.completions.with_streaming_response.create
        async with create(
            model=self._endpoint.model,
            messages=talk,
            extra_body=chosen,
            extra_headers={"Accept-Encoding": "identity"},
            timeout=max(self._left, 0.1) + 1,  # the deadline itself comes first
        ) as response:
            body = bytearray()
            await _gather(response.iter_bytes(), body, MOST_BODY)
            return bytes(body)

    def _reserve(
        self, talk: Sequence[Mapping[str, str]], chosen: Mapping[str, Any], most_out: int
    ) -> Reservation | str:
        sent = json.dumps([talk, chosen.get("response_format")], ensure_ascii=False)
        # Code takes about a token for three bytes, and templates put some words around.
        most_in = tokens(sent, 3) + 10 * len(talk)
        return self._ledger.reserve(most_in, most_out, within=max(0.0, min(2.0, self._left)))

    def _quote(self, text: str) -> str:
        """A server's words, safe to show; none of them where a part of the key may be in them."""
        for secret in (self._endpoint.api_key, self._endpoint.azure_ad_token):
            size = min(_TELLING, len(secret or ""))
            if secret and any(
                secret[at : at + size] in text for at in range(len(secret) - size + 1)
            ):
                return ""
        return one_line(text)

    def _server(self) -> Any:
        """An openai client that goes nowhere but to the endpoint. Any exception may come."""
        who, openai = self._endpoint, self._openai
        more = {} if self._trust is None else {"verify": self._trust}
        http = openai.DefaultAsyncHttpxClient(
            follow_redirects=False,
            event_hooks={"request": [_strip], "response": [_only_answers]},
            **more,
        )
        if who.azure_endpoint is None:
            return openai.AsyncOpenAI(
                api_key=who.api_key or PLACEHOLDER,
                base_url=who.url,
                max_retries=0,
                http_client=http,
            )
        return openai.AsyncAzureOpenAI(
            api_key=who.api_key,
            azure_ad_token=who.azure_ad_token,
            azure_endpoint=who.azure_endpoint.rstrip("/"),
            api_version=who.azure_api_version,
            max_retries=0,
            http_client=http,
        )


def _library() -> ModuleType:
    """The package openai, made silent: at OPENAI_LOG=debug it would print what is asked."""
    try:
        import openai
    except Exception as error:  # an installation that is damaged raises anything
        raise JudgeError(
            f"the judge cannot load the package openai ({type(error).__name__}): "
            'install it with `pip install "bugguard[judge]"`'
        ) from error
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return openai


async def _strip(request: Any) -> None:
    """Take out what the client tells of this machine."""
    for name in [*request.headers]:
        if name.lower().startswith("x-stainless-") and name.lower() != _RAW:
            del request.headers[name]


async def _only_answers(response: Any) -> None:
    """Let pass what claims success. The rest is read here, since the client reads without end."""
    if not 200 <= response.status_code < 300:
        body = bytearray()
        with suppress(Exception):  # what has come by then will do
            await asyncio.wait_for(_gather(response.aiter_raw(), body, _MOST_ERROR), _ERROR_WAIT)
        raise RefusedError(response.status_code, response.headers, bytes(body))
    if response.headers.get("content-encoding", "identity") != "identity":
        raise UnusableError("sent a packed response, which it was not asked for")


async def _gather(chunks: AsyncIterator[bytes], body: bytearray, most: int) -> None:
    """Put chunks into ``body``. UnusableError where it grows longer than ``most``."""
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise UnusableError("sent a response that is far too long")


def _sendable(text: str) -> str:
    """Without lone surrogates, which stand for bytes that were not UTF-8."""
    return text.encode("utf-8", "replace").decode()
