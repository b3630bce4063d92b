"""Asking through the real openai client, at a server on this machine that does all they do."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import server as scripted
from server import Behaviour, Received, Server, say

from bugguard.judge.asking.client import MOST_BODY, Client, Endpoint, Fault, Reply, Request
from bugguard.judge.asking.ledger import Bounds, Ledger, Prices, Reservation

KEY = "sk-verysecret-0123456789"
SCHEMA = {"type": "object", "properties": {"fix": {"type": "integer"}}}
GOOD = '{"fix": 1}'
AMPLE = 30.0  # seconds of a deadline that is not to be reached
PROMPT = 15.0  # seconds by which what does not wait for that deadline has ended, on any machine


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.upper().startswith(("OPENAI_", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture(autouse=True)
def _no_thread_of_the_client_is_left() -> Iterator[None]:
    yield
    until = time.monotonic() + PROMPT
    while any(re.match(r"asyncio|AnyIO", each.name) for each in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def endpoint(url: str, **more: Any) -> Endpoint:
    parts: dict[str, Any] = {
        "model": "scripted",
        "base_url": url,
        "api_key": KEY,
        "azure_endpoint": None,
        "azure_api_version": None,
        "ca_file": None,
        "structured": "json_schema",
    }
    return Endpoint(**{**parts, **more})


def account(calls: int = 100, tokens: int = 1_000_000) -> Ledger:
    return Ledger(Bounds(calls, tokens), None, Prices({}), "scripted")


def client(
    url: str,
    ledger: Ledger | None = None,
    deadline: float = AMPLE,
    concurrency: int = 4,
    **more: Any,
) -> Client:
    where = endpoint(url, **more)
    return Client(where, ledger or account(), deadline=deadline, concurrency=concurrency)


def fits(text: str) -> str | None:
    return None if text.startswith("{") else "it is no object"


def question(text: str = "Is it?", check: Callable[[str], str | None] = fits) -> Request:
    messages = [{"role": "system", "content": "You read code."}, {"role": "user", "content": text}]
    return Request(messages, "answer", SCHEMA, 300, check)


def ask(*behaviours: Behaviour, **more: Any) -> tuple[Reply | Fault, Server]:
    with Server(*behaviours) as server:
        (got,) = client(server.url, **more).ask([question()])
    return got, server


def fault(*behaviours: Behaviour, **more: Any) -> tuple[str, Server]:
    """The clause, which is safe to print whatever the server sent."""
    began = time.monotonic()
    got, server = ask(*behaviours, **more)
    assert isinstance(got, Fault), got
    assert got.reason.isprintable()
    assert 0 < len(got.reason) < 200
    assert KEY not in got.reason + got.detail
    assert got.detail.isprintable()
    assert len(got.detail) < 200
    assert time.monotonic() - began < more.get("deadline", 0) + PROMPT
    return got.reason, server


def test_an_answer() -> None:
    got, server = ask(say(GOOD))
    assert isinstance(got, Reply)
    assert (got.text, got.tokens_in, got.tokens_out, got.repaired) == (GOOD, 100, 10, False)
    assert 0 < got.seconds < PROMPT
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    form = {"name": "answer", "schema": SCHEMA, "strict": True}
    assert request.json == {
        "model": "scripted",
        "messages": [*question().messages],
        "max_tokens": 300,
        "temperature": 0,
        "response_format": {"type": "json_schema", "json_schema": form},
    }


def test_the_client_says_nothing_of_this_machine() -> None:
    _, server = ask(say(GOOD))
    told = {name for name in server.received[0].headers if name.startswith("x-stainless")}
    assert told == {"x-stainless-raw-response"}  # its own mark, of nothing but itself


@pytest.mark.parametrize(
    ("structured", "form"),
    [("json_object", {"type": "json_object"}), ("text", None)],
)
def test_how_json_is_asked_for(structured: str, form: object) -> None:
    _, server = ask(say(GOOD), structured=structured)
    assert server.received[0].json.get("response_format") == form


def test_answers_come_in_the_order_of_the_questions() -> None:
    def behave(request: Received) -> Behaviour:
        number = int(request.messages[1]["content"])
        return scripted.slow(0.4 - number * 0.1, say(json.dumps({"fix": number})))

    with Server(scripted.choose(behave)) as server:
        got = client(server.url).ask([question(str(number)) for number in range(4)])
    assert [each.text for each in got if isinstance(each, Reply)] == [
        '{"fix": 0}',
        '{"fix": 1}',
        '{"fix": 2}',
        '{"fix": 3}',
    ]


def test_nothing_to_ask_asks_nothing() -> None:
    with Server(say(GOOD)) as server:
        assert client(server.url).ask([]) == []
    assert server.connections == 0


FAULTS: list[tuple[str, Behaviour, str, int]] = [
    ("reset", scripted.reset(), "broke off the connection", 2),
    ("hang-up", scripted.hang_up(), "broke off the connection", 2),
    ("half-a-body", scripted.half(), "broke off the connection", 2),
    ("cut-chunk", scripted.cut_chunk(), "broke off the connection", 2),
    ("garbage", scripted.garbage(), "sent something that is not HTTP", 1),
    ("401", scripted.error(401, f"Incorrect key: {KEY}"), "refused the key (401)", 1),
    ("403", scripted.error(403, f"not with {KEY}"), "refused access (403)", 1),
    ("404", scripted.error(404, KEY), "knows no such model or address (404)", 1),
    ("429", scripted.busy(None), "is too busy (429)", 2),
    ("429-0", scripted.busy("0"), "is too busy (429)", 3),
    ("429-garbage", scripted.busy("in a while"), "is too busy (429)", 2),
    ("429-past", scripted.busy(scripted.http_date(-9_999)), "is too busy (429)", 3),
    (
        "429-9999",
        scripted.busy("9999"),
        "is too busy (429) and asks to wait for 9,999 s",
        1,
    ),
    (
        "429-far-date",
        scripted.busy("Fri, 31 Dec 9999 23:59:59 GMT"),
        "is too busy (429) and asks to wait for 10,000,000 s",
        1,
    ),
    (
        "429-no-credit",
        scripted.error(429, "You exceeded your quota", code="insufficient_quota"),
        "has no credit left (429)",
        1,
    ),
    ("500", scripted.error(500, KEY), "failed (500)", 2),
    ("501", scripted.error(501), "failed (501)", 1),
    ("502-html", scripted.html(502), "failed (502)", 2),
    ("503-later", scripted.body({}, 503, retry_after="9999"), "failed (503)", 1),
    ("400", scripted.error(400, f"\x1b[31m{KEY}\n\u202e"), "refused the request (400)", 1),
    ("400-plain", scripted.body(b"\xff\x00 no", 400), "refused the request (400)", 1),
    ("418", scripted.error(418), "refused the request (418)", 1),
    ("413", scripted.html(413), "has too small a context for this", 1),
    ("openai", scripted.overflow("openai"), "has too small a context for this", 1),
    ("llama.cpp", scripted.overflow("llama.cpp"), "has too small a context for this", 1),
    ("vllm", scripted.overflow("vllm"), "has too small a context for this", 1),
    (
        "overflow-as-success",
        scripted.body({"error": {"code": 400, "message": "exceeds the available context size"}}),
        "has too small a context for this",
        1,
    ),
    (
        "error-as-success",
        scripted.body({"error": f"{KEY} \x07"}),
        "sent an error instead of an answer",
        1,
    ),
    ("nothing", scripted.body(b""), "sent an empty response", 1),
    ("204", scripted.body(b"", 204), "sent an empty response", 1),
    ("no-json", scripted.body(b"hello"), "sent a response that is not JSON", 1),
    ("deep-json", scripted.body(b"[" * 500_000), "sent a response that is not JSON", 1),
    ("long-number", scripted.body(b"1" * 500_000), "sent a response that is ", 1),
    ("list", scripted.body([]), "sent a response that is no completion: it is no object", 1),
    (
        "choices-text",
        scripted.body({"choices": "stop"}),
        "sent a response that is no completion: it has no list of choices",
        1,
    ),
    (
        "no-choices",
        scripted.body({"choices": []}),
        "sent a response that is no completion: it has no choice in it",
        1,
    ),
    (
        "choice-null",
        scripted.body({"choices": [None]}),
        "sent a response that is no completion: it has no message in it",
        1,
    ),
    (
        "message-list",
        scripted.body({"choices": [{"message": []}]}),
        "sent a response that is no completion: it has no message in it",
        1,
    ),
    (
        "content-list",
        scripted.body(scripted.completion(["{}"])),
        "sent a response that is no completion: it has no text in it",
        1,
    ),
    ("content-null", scripted.body(scripted.completion(None)), "gave no answer", 1),
    ("content-blank", say(" \n"), "gave an empty answer", 1),
    ("refusal", scripted.refusal(), "refused to answer", 1),
    ("filter", say(GOOD, finish_reason="content_filter"), "refused to answer", 1),
    ("cut-off", say(GOOD, finish_reason="length"), "gave an answer that was cut off", 1),
    ("wrong-form", say("I think so."), "answered in the wrong form: it is no object", 2),
    ("endless", scripted.endless(), "sent a response that is far too long", 1),
    ("endless-error", scripted.endless(403), "refused access (403)", 1),
    ("slow-error", scripted.trickle(status=401), "refused the key (401)", 1),
    (
        "packed",
        scripted.body(b"\x1f\x8b\x08\x00", content_encoding="gzip"),
        "sent a packed response, which it was not asked for",
        1,
    ),
]


@pytest.mark.parametrize(
    ("behaviour", "reason", "requests"),
    [pytest.param(*case[1:], id=case[0]) for case in FAULTS],
)
def test_every_fault_is_a_clause(behaviour: Behaviour, reason: str, requests: int) -> None:
    said, server = fault(behaviour)
    assert said.startswith(reason)
    assert said == reason or reason.endswith(" ")
    assert len(server.received) == requests


@pytest.mark.parametrize(
    "behaviour",
    [scripted.hang(), scripted.trickle(), scripted.slow(60, say(GOOD))],
    ids=["hang", "trickle", "slow"],
)
def test_the_deadline_holds(behaviour: Behaviour) -> None:
    said, server = fault(behaviour, deadline=0.5)
    assert said == "did not answer within 0.5 s"
    assert len(server.received) == 1


def test_one_deadline_is_for_all_of_a_run() -> None:
    with Server(scripted.hang()) as server:
        asking = client(server.url, deadline=0.5)
        first = asking.ask([question()])
        began = time.monotonic()
        assert asking.ask([question(), question()]) == [*first, *first]
        assert time.monotonic() - began < PROMPT
    assert len(server.received) == 1


def test_a_question_that_hangs_loses_no_other_answer() -> None:
    def behave(request: Received) -> Behaviour:
        return scripted.hang() if "hang" in request.text else say(GOOD)

    with Server(scripted.choose(behave)) as server:
        asking = client(server.url, deadline=2, concurrency=2)
        got = asking.ask([question("hang"), *(question(str(n)) for n in range(5))])
    assert got[0] == Fault("did not answer within 2 s")
    assert [type(each) for each in got[1:]] == [Reply] * 5


def test_requests_run_at_once_and_not_too_many() -> None:
    with Server(scripted.slow(0.3, say(GOOD))) as server:
        got = client(server.url, concurrency=3).ask([question()] * 7)
    assert [type(each) for each in got] == [Reply] * 7
    assert server.most_at_once == 3


@pytest.mark.parametrize(
    "behaviours",
    [
        [scripted.reset()],
        [scripted.hang_up()],
        [scripted.half()],
        [scripted.error(500)],
        [scripted.html(502)],
        [scripted.error(503)],
        [scripted.error(504)],
        [scripted.busy("0")],
        [scripted.busy("1")],
        [scripted.busy("0"), scripted.busy("0")],
        [scripted.busy(scripted.http_date(1))],
        [scripted.busy(None)],
    ],
)
def test_what_passes_is_tried_again(behaviours: list[Behaviour]) -> None:
    got, server = ask(*behaviours, say(GOOD))
    assert isinstance(got, Reply)
    assert len(server.received) == len(behaviours) + 1


def test_the_server_is_left_alone_as_long_as_it_asks() -> None:
    _, server = ask(scripted.busy("1"), say(GOOD))
    first, second = server.received
    assert second.at - first.at >= 1


@pytest.mark.parametrize("seconds", ["3", "9999"])
def test_no_time_is_lost_in_waiting_where_too_little_is_left(seconds: str) -> None:
    began = time.monotonic()
    said, server = fault(scripted.busy(seconds), deadline=2.9)
    assert "asks to wait" in said
    assert time.monotonic() - began < 2.9
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_every_request_would_meet_is_met_once(status: int) -> None:
    with Server(scripted.error(status)) as server:
        asking = client(server.url, concurrency=2)
        got = asking.ask([question()] * 8)
        assert len({*got}) == 1
        assert isinstance(got[0], Fault)
        assert len(server.received) <= 2
        asked = len(server.received)
        assert asking.ask([question()]) == got[:1]
        assert len(server.received) == asked


def test_a_fault_of_one_question_is_not_the_others() -> None:
    def behave(request: Received) -> Behaviour:
        return scripted.error(400, "no") if "bad" in request.text else say(GOOD)

    with Server(scripted.choose(behave)) as server:
        got = client(server.url, concurrency=1).ask([question("bad"), question("fine")])
    assert isinstance(got[0], Fault)
    assert isinstance(got[1], Reply)


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("names", "requests"),
    [
        (("max_tokens",), 2),
        (("temperature",), 2),
        (("response_format=json_schema",), 2),
        (("response_format",), 3),
        (("max_tokens", "temperature", "response_format"), 5),
    ],
)
def test_a_server_s_dialect_is_learned(names: tuple[str, ...], requests: int, status: int) -> None:
    ledger = account(calls=3, tokens=3_000)
    with Server(scripted.knows_no(*names, then=say(GOOD), status=status)) as server:
        asking = client(server.url, ledger)
        assert isinstance(asking.ask([question()])[0], Reply)
        assert len(server.received) == requests
        asked = server.received[-1].json
        assert not any(name in asked for name in names)
        if "max_tokens" in names:
            assert asked["max_completion_tokens"] == 300
        assert [type(each) for each in asking.ask([question()] * 2)] == [Reply] * 2
    assert len(server.received) == requests + 2  # it is asked rightly from then on
    assert ledger.calls == requests + 2  # as many as were sent, though only three count
    assert (ledger.tokens_in, ledger.tokens_out) == (300, 30)


def test_all_questions_learn_it_at_once() -> None:
    behaviour = scripted.slow(0.1, scripted.knows_no("temperature", "max_tokens", then=say(GOOD)))
    with Server(behaviour) as server:
        got = client(server.url, account(calls=8)).ask([question()] * 8)
    assert [type(each) for each in got] == [Reply] * 8
    assert len(server.received) <= 8 + 4 * 2


@pytest.mark.parametrize(
    "message",
    [
        "'response_format.type' must be 'json_schema' or 'text'",
        "This response_format type is unavailable now",
        "JSON schema conversion failed: unknown keyword",
        "Failed to initialize samplers: failed to parse grammar",
        "guided decoding is not available",
    ],
)
def test_other_words_for_the_form(message: str) -> None:
    got, server = ask(scripted.body({"error": message}, 400), say(GOOD))
    assert isinstance(got, Reply)
    form = [request.json["response_format"]["type"] for request in server.received]
    assert form == ["json_schema", "json_object"]


def test_a_server_that_always_complains_is_not_asked_for_ever() -> None:
    every = "no max_tokens, no max_completion_tokens, no temperature, no response_format"
    said, server = fault(scripted.error(400, every))
    assert said == "refused the request (400)"
    assert len(server.received) <= 5


@pytest.mark.parametrize("word", ["temperatures", "max_tokens_total"])
def test_a_word_that_only_resembles_a_parameter_teaches_nothing(word: str) -> None:
    _, server = fault(scripted.error(400, f"{word} is wrong"))
    assert len(server.received) == 1


def test_azure_is_asked_in_its_own_way() -> None:
    with Server(say(GOOD)) as server:
        azure = {"base_url": None, "azure_api_version": "2024-10-21"}
        where = f"http://{server.host}/"
        (got,) = client("", azure_endpoint=where, **azure).ask([question()])
    assert isinstance(got, Reply)
    (request,) = server.received
    path = "/openai/deployments/scripted/chat/completions?api-version=2024-10-21"
    assert request.path == path
    assert request.headers["api-key"] == KEY
    assert request.json["max_completion_tokens"] == 300
    assert "max_tokens" not in request.json


def test_azure_takes_a_token_too() -> None:
    with Server(say(GOOD)) as server:
        azure = {"base_url": None, "azure_api_version": "1", "api_key": None}
        where = f"http://{server.host}"
        client("", azure_endpoint=where, azure_ad_token=KEY, **azure).ask([question()])
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert "api-key" not in server.received[0].headers


def test_a_server_of_one_s_own_gets_a_key_that_is_none() -> None:
    _, server = ask(say(GOOD), api_key=None)
    assert server.received[0].headers["authorization"] == "Bearer none"


def test_an_answer_that_does_not_fit_is_mended_once() -> None:
    got, server = ask(say("I think so."), say(GOOD))
    assert isinstance(got, Reply)
    assert (got.text, got.tokens_in, got.tokens_out, got.repaired) == (GOOD, 200, 20, True)
    first, second = (request.messages for request in server.received)
    assert second[:2] == first
    assert second[2] == {"role": "assistant", "content": "I think so."}
    assert second[3]["role"] == "user"
    assert "it is no object" in second[3]["content"]


def test_what_cannot_be_mended_for_its_cost_stays_wrong() -> None:
    said, server = fault(say("no"), say(GOOD), ledger=account(calls=1))
    assert said == "answered in the wrong form: it is no object"
    assert len(server.received) == 1


def test_of_an_answer_far_too_long_only_the_beginning_is_sent_back() -> None:
    got, server = ask(say("no" * 100_000), say(GOOD))
    assert isinstance(got, Reply)
    assert len(server.received[1].messages[2]["content"]) == 300 * 8


def test_what_is_wrong_is_told_on_one_safe_line() -> None:
    def check(text: str) -> str:
        return f"it says\n{text}\x1b[2J" + "x" * 1000

    with Server(say("\u202ethis\r\n")) as server:
        (got,) = client(server.url).ask([question(check=check)])
    assert isinstance(got, Fault)
    assert got.reason.startswith("answered in the wrong form: it says this [2J")
    assert got.reason.isprintable()
    assert len(got.reason) < 200


def test_the_server_s_own_words_are_kept_apart() -> None:
    got, _ = ask(scripted.error(404, "model \x1b[1m'x'\u202e\n not found" + "!" * 900))
    assert isinstance(got, Fault)
    assert got.detail.startswith("model [1m'x' not found!!!")
    assert len(got.detail) <= 160


@pytest.mark.parametrize("part", [KEY, KEY[:6], KEY[-6:], KEY[5:11]])
def test_they_are_dropped_where_they_tell_of_the_key(part: str) -> None:
    for behaviour in (scripted.error(400, f"bad {part}***"), scripted.body({"error": part})):
        got, _ = ask(behaviour)
        assert isinstance(got, Fault)
        assert got.detail == ""


def test_a_second_answer_can_fail_in_its_own_way() -> None:
    said, server = fault(say("no"), scripted.error(401))
    assert said == "refused the key (401)"
    assert len(server.received) == 2


def test_bytes_that_were_not_utf8_are_no_obstacle() -> None:
    strange = "caf\udce9 \ud800 日本語 \x00 \U0001f41b"
    raw = json.dumps(scripted.completion('{"\\ud800": "\udcff"}')).encode()
    with Server(scripted.body(raw)) as server:
        (got,) = client(server.url).ask([question(strange)])
    assert isinstance(got, Reply)
    got.text.encode()
    assert server.received[0].messages[1]["content"] == "caf? ? 日本語 \x00 \U0001f41b"


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        "many",
        {"prompt_tokens": -5, "completion_tokens": -1},
        {"prompt_tokens": "100", "completion_tokens": None},
        {"prompt_tokens": 1.5, "completion_tokens": True},
        {"prompt_tokens": 10**30, "completion_tokens": 10**30},
    ],
)
def test_what_it_cost_is_estimated_where_the_server_does_not_say(usage: object) -> None:
    ledger = account()
    with Server(scripted.body({**scripted.completion(GOOD), "usage": usage})) as server:
        (got,) = client(server.url, ledger).ask([question("x" * 4_000)])
    assert isinstance(got, Reply)
    assert (got.tokens_in, got.tokens_out) == (1_004, 3)
    assert (ledger.tokens_in, ledger.tokens_out) == (1_004, 3)


def test_the_ledger_has_the_first_word() -> None:
    ledger = account(calls=2)
    with Server(say(GOOD)) as server:
        got = client(server.url, ledger, concurrency=1).ask([question()] * 4)
    assert [type(each) for each in got] == [Reply, Reply, Fault, Fault]
    assert got[2] == Fault("has used up its 2 calls for this run")
    assert len(server.received) == 2


def test_tokens_are_reserved_before_anything_is_sent() -> None:
    with Server(say(GOOD)) as server:
        (got,) = client(server.url, account(tokens=1_000)).ask([question("x" * 3_000)])
    assert got == Fault("would pass its 1,000 tokens for this run")
    assert server.connections == 0


def test_every_request_counts_and_a_failure_keeps_its_own_reason() -> None:
    ledger = account(calls=1)
    said, server = fault(scripted.error(500), say(GOOD), ledger=ledger)
    assert said == "failed (500)"
    assert len(server.received) == ledger.calls == 1


@pytest.mark.parametrize(
    ("behaviour", "is_read", "is_answered"),
    [
        (scripted.hang(), True, True),
        (scripted.half(), True, True),
        (scripted.error(500), True, False),
        (scripted.error(401), False, False),
        (scripted.overflow("openai"), False, False),
    ],
)
def test_what_may_have_been_spent_is_counted(
    behaviour: Behaviour, is_read: bool, is_answered: bool
) -> None:
    ledger = account(calls=1)
    ask(behaviour, ledger=ledger, deadline=0.5)
    assert (ledger.tokens_in > 0) is is_read
    assert ledger.tokens_out == (300 if is_answered else 0)


def test_the_month_is_settled_after_the_deadline_too(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    bounds = Bounds(9, 100_000, monthly_tokens=100_000)
    for behaviour, deadline in ((say(GOOD), AMPLE), (scripted.hang(), 0.5)):
        ask(behaviour, ledger=Ledger(bounds, file, Prices({}), "scripted"), deadline=deadline)
    (sums,) = json.loads(file.read_text(encoding="utf-8"))["months"].values()
    assert sums["calls"] == 2
    assert 110 + 300 < sums["tokens"] < 110 + 300 + 400


def test_a_month_that_is_spent_asks_nobody(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    bounds = Bounds(9, 100_000, monthly_tokens=500)
    ledger = Ledger(bounds, file, Prices({}), "scripted")
    assert isinstance(ledger.reserve(300, 100), Reservation)
    said, server = fault(say(GOOD), ledger=Ledger(bounds, file, Prices({}), "scripted"))
    assert said == "would pass the monthly budget of 500 tokens"
    assert server.connections == 0


def test_nobody_listens() -> None:
    ledger = account()
    with scripted.closed_port() as url:
        began = time.monotonic()
        got = client(url, ledger, concurrency=1).ask([question()] * 3)
        assert time.monotonic() - began < PROMPT
    host = url.removeprefix("http://").removesuffix("/v1")
    assert got == [Fault(f"could not be reached at {host}")] * 3
    assert (ledger.calls, ledger.tokens_in, ledger.tokens_out) == (1, 0, 0)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with Server(say(GOOD)) as other:
        said, server = fault(scripted.redirect(other.url + "/chat/completions", status))
        assert said == f"sends us elsewhere ({status}), where we do not go"
        assert len(server.received) == 1
        assert other.connections == 0


def test_a_body_of_just_the_size_is_read() -> None:
    (long, longer) = (
        json.dumps(scripted.completion(GOOD)).encode().ljust(size)
        for size in (MOST_BODY, MOST_BODY + 1)
    )
    assert isinstance(ask(scripted.body(long))[0], Reply)
    assert fault(scripted.body(longer))[0] == "sent a response that is far too long"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signal can be sent here")
def test_an_interrupt_passes() -> None:
    with Server(scripted.hang()) as server:
        asking = client(server.url)
        main = threading.main_thread().ident
        assert main is not None
        timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
        began = time.monotonic()
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            asking.ask([question()] * 3)
        assert time.monotonic() - began < PROMPT
        assert len(server.received) == 3


def run_alone(script: str, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``script`` in a process of its own, in which ``got`` is what came of one question."""
    before = """
import json, os, socket, sys, time
import test_judge_client as t
"""
    return subprocess.run(
        [sys.executable, "-c", before + script, url],
        env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_name_server_that_hangs_holds_up_nobody() -> None:
    script = """
socket.getaddrinfo = lambda *_, **__: time.sleep(50)
began = time.monotonic()
(got,) = t.client(sys.argv[1], deadline=0.5).ask([t.question()])
assert time.monotonic() - began < 10
print(got.reason, flush=True)
"""
    began = time.monotonic()
    done = run_alone(script, "http://judge.invalid/v1")
    assert (done.stdout, done.stderr) == ("did not answer within 0.5 s\n", "")
    assert time.monotonic() - began < 40  # the process too has ended before its thread


def test_a_name_that_nobody_knows() -> None:
    script = """
def unknown(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
socket.getaddrinfo = unknown
print(t.client(sys.argv[1]).ask([t.question()])[0].reason)
"""
    done = run_alone(script, "http://judge.invalid:81/v1")
    assert done.stdout == "could not be found: there is no address for judge.invalid:81\n"


@pytest.mark.parametrize("behaviour", [say(GOOD), scripted.error(401), scripted.half()])
def test_nothing_is_printed_or_logged(behaviour: Behaviour) -> None:
    script = """
t.client(sys.argv[1]).ask([t.question("the prompt")])
"""
    with Server(behaviour) as server:
        done = run_alone(script, server.url, OPENAI_LOG="debug", PYTHONASYNCIODEBUG="1")
        assert server.received
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_proxy_that_is_no_address_is_a_fault() -> None:
    script = """
print(t.client(sys.argv[1]).ask([t.question()])[0].reason)
"""
    proxy = "nonsense://user:secret@proxy.invalid"
    done = run_alone(script, "http://judge.invalid/v1", HTTP_PROXY=proxy, NO_PROXY="")
    reason = "could not be asked (ValueError): look at the variables for proxies and TLS"
    assert done.stdout == f"{reason}\n"


def certify(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate that vouches for itself at ``name``, and the context of a server with it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=judge"]
    named = ["-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *made, *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


@pytest.fixture(scope="module")
def vouched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certify(tmp_path_factory.mktemp("vouched"), "IP:127.0.0.1")


def test_a_server_that_the_ca_file_vouches_for(vouched: tuple[Path, ssl.SSLContext]) -> None:
    ca_file, context = vouched
    with Server(say(GOOD), tls=context) as server:
        (got,) = client(server.url, ca_file=ca_file).ask([question()])
    assert isinstance(got, Reply)


@pytest.mark.parametrize("which", ["no file", "a certificate of another name", "another CA"])
def test_a_server_that_nobody_vouches_for_learns_nothing(
    vouched: tuple[Path, ssl.SSLContext], tmp_path: Path, which: str
) -> None:
    ca_file, context = vouched
    if which == "a certificate of another name":
        ca_file, context = certify(tmp_path, "DNS:judge.invalid")
    elif which == "another CA":
        ca_file, _ = certify(tmp_path, "IP:127.0.0.1")
    with Server(say(GOOD), tls=context) as server:
        more = {} if which == "no file" else {"ca_file": ca_file}
        got = client(server.url, **more).ask([question()] * 2)
    says = f"could not be trusted: nobody known vouches for {server.host} (see judge.ca_file)"
    assert got == [Fault(says)] * 2
    assert server.received == []


def test_a_server_that_speaks_no_tls() -> None:
    with Server(say(GOOD)) as server:
        (got,) = client(server.url.replace("http:", "https:")).ask([question()])
    assert got == Fault(f"could not be reached: {server.host} speaks no TLS that we do")
    assert server.received == []


def test_a_tls_connection_that_breaks_off(vouched: tuple[Path, ssl.SSLContext]) -> None:
    ca_file, context = vouched
    with Server(scripted.reset(), say(GOOD), tls=context) as server:
        (got,) = client(server.url, ca_file=ca_file).ask([question()])
    assert isinstance(got, Reply)
    assert len(server.received) == 2


def test_a_package_that_is_missing_is_named() -> None:
    script = """
sys.modules["openai"] = None
from bugguard.errors import JudgeError
try:
    t.client("http://127.0.0.1:1/v1")
except JudgeError as error:
    print(error)
"""
    done = run_alone(script, "")
    assert 'install it with `pip install "bugguard[judge]"`' in done.stdout
