"""The server's own part: what it refuses, in which words, one call at a time, and no longer."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import anyio
import jsonschema
import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolRequestParams, CallToolResult
from sample_tools import GOLDEN, golden

from bugguard import agents
from bugguard.agents.schemas import MOST_DIFF, MOST_QUERY
from bugguard.agents.server import _Calls, _leaves
from bugguard.agents.tools import TOOLS, Answer, Answering
from bugguard.errors import BugguardError


def nothing(tool: str, arguments: Mapping[str, Any]) -> Answer:
    return Answer({"tool": tool} | dict(arguments), "done")


def call(
    tool: str, arguments: dict[str, Any] | None, answer: Answering = nothing, seconds: float = 60
) -> CallToolResult:
    params = CallToolRequestParams(name=tool, arguments=arguments)
    return anyio.run(_Calls(answer, seconds).called, None, params)


def said(result: CallToolResult) -> str:
    [content] = result.content
    assert content.type == "text"
    return content.text


def test_the_golden_file_is_what_agents_are_told() -> None:
    told = GOLDEN.read_text("ascii")
    assert golden() == told, "run `python tests/agents/sample_tools.py`, read the diff"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_schemas_are_schemas_and_no_argument_is_a_path(tool: Any) -> None:
    for schema in (tool.input, tool.output):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert tool.input["additionalProperties"] is False
    assert not {"path", "file", "repo", "index", "output"} & tool.input["properties"].keys()
    for name, schema in tool.input["properties"].items():
        assert schema["description"], name
        assert schema["type"] != "string" or schema["maxLength"] <= MOST_DIFF, name


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("show_fix", None, "the arguments: 'fix' is a required property"),
        ("show_fix", {"fix": ""}, "fix: must have at least 1 characters"),
        ("show_fix", {"fix": "a" * 301}, "fix: must have at most 300 characters"),
        ("show_fix", {"fix": 12}, "fix: must be of type string"),
        ("show_fix", {"fix": "a", "path": "/etc/passwd"}, "Additional properties are not allowed"),
        ("check_diff", {"diff": "x" * (MOST_DIFF + 1)}, "diff: must have at most 4194304"),
        ("check_diff", {"threshold": 1.5}, "threshold: must be at most 1"),
        ("check_diff", {"threshold": -1}, "threshold: must be at least 0"),
        ("check_diff", {"staged": "yes"}, "staged: must be of type boolean"),
        ("search_past_bugs", {"query": "q" * (MOST_QUERY + 1)}, "query: must have at most 10000"),
        ("search_past_bugs", {"query": "q", "limit": 51}, "limit: must be at most 50"),
        ("search_past_bugs", {"query": "q", "limit": 2.5}, "limit: must be of type integer"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    tool: str, arguments: dict[str, Any] | None, says: str
) -> None:
    def never(tool: str, arguments: Mapping[str, Any]) -> Answer:
        raise AssertionError("asked all the same")

    result = call(tool, arguments, never)
    assert result.is_error
    assert says in said(result)
    assert len(said(result)) <= 500


def test_an_argument_s_own_name_cannot_be_long_or_act_on_anything() -> None:
    result = call("show_fix", {"fix": "a", "\x1b[2J" + "x" * 10_000: 1})
    assert result.is_error
    assert len(said(result)) <= 500
    assert said(result).isprintable()


def test_an_unknown_tool_is_an_error_of_the_protocol() -> None:
    with pytest.raises(MCPError, match="there is no tool 'rm'"):
        call("rm", {})


def test_an_answer_is_given_twice() -> None:
    result = call("show_fix", {"fix": "abcd"})
    assert not result.is_error
    assert said(result) == "done"
    assert result.structured_content == {"tool": "show_fix", "fix": "abcd"}


def test_a_complaint_is_for_the_agent_to_read() -> None:
    def fails(tool: str, arguments: Mapping[str, Any]) -> Answer:
        raise BugguardError("there is no index:\nrun `bugguard init`\x1b[2J")

    result = call("show_fix", {"fix": "abcd"}, fails)
    assert result.is_error
    assert said(result) == "there is no index:\\u000arun `bugguard init`\\u001b[2J"


def test_a_call_that_takes_too_long_is_given_up_and_the_next_waits_its_turn() -> None:
    ended = threading.Event()
    running: list[int] = []

    def slow(tool: str, arguments: Mapping[str, Any]) -> Answer:
        running.append(1)
        assert len(running) == 1, "two at a time"
        if arguments["fix"] == "slow":
            ended.wait(60)
        running.pop()
        return Answer({}, "done")

    async def both() -> tuple[CallToolResult, CallToolResult, CallToolResult]:
        calls = _Calls(slow, 0.2)

        async def one(fix: str) -> CallToolResult:
            arguments = {"fix": fix}
            return await calls.called(
                None, CallToolRequestParams(name="show_fix", arguments=arguments)
            )

        first, second = await one("slow"), await one("behind")
        ended.set()
        while running:  # the thread that nobody waits for any more
            await anyio.sleep(0.01)
        return first, second, await one("quick")

    first, second, third = anyio.run(both)
    assert first.is_error
    assert "took longer than 0.2 s" in said(first)
    assert second.is_error
    assert not third.is_error


def test_calls_at_once_are_answered_one_after_another() -> None:
    under_way, most = 0, 0
    lock = threading.Lock()

    def counts(tool: str, arguments: Mapping[str, Any]) -> Answer:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.01)
        with lock:
            under_way -= 1
        return Answer({"fix": arguments["fix"]}, "done")

    async def several() -> list[Any]:
        calls, results = _Calls(counts, 60), {}

        async def one(number: int) -> None:
            params = CallToolRequestParams(name="show_fix", arguments={"fix": str(number)})
            results[number] = (await calls.called(None, params)).structured_content

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(one, number)
        return [results[number] for number in range(8)]

    assert anyio.run(several) == [{"fix": str(number)} for number in range(8)]
    assert most == 1


def test_groups_of_errors_are_looked_into() -> None:
    class GroupError(Exception):
        exceptions = (OSError(1), type("Inner", (Exception,), {"exceptions": (ValueError(2),)})())

    assert [type(one) for one in _leaves(GroupError())] == [OSError, ValueError]
    assert [type(one) for one in _leaves(KeyError())] == [KeyError]


@pytest.mark.parametrize("package", ["mcp", "mcp_types", "anyio", "jsonschema"])
def test_without_the_extra_there_is_one_sentence(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bugguard.agents.server")
    monkeypatch.delattr(agents, "server", raising=False)
    for name in [*sys.modules]:
        if name.startswith(f"{package}."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BugguardError, match=r'run `pip install "bugguard\[mcp\]"`'):
        agents.serve(nothing, seconds=1)
