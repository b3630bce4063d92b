"""The Model Context Protocol on the standard streams: the only module that knows its package.

Calls are validated, answered one at a time off the event loop, and given up after a while. The
server never writes, so it can be ended at any moment.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import anyio
import anyio.to_thread
import jsonschema
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Offered

from bugguard import __version__
from bugguard.agents.tools import INSTRUCTIONS, TOOLS, Answer, Answering, Tool
from bugguard.errors import EXIT_INTERRUPTED, BugguardError

_MOST_ERROR = 500  #: characters
_ENDINGS = (signal.SIGINT, signal.SIGTERM)
_LOCAL = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def serve(answer: Answering, *, seconds: float) -> None:
    """See :func:`bugguard.agents.serve`."""
    for ending in _ENDINGS:
        # At once: a thread waits for the next line of the client, and nothing can wake it.
        signal.signal(ending, lambda number, frame: os._exit(EXIT_INTERRUPTED))
    try:
        anyio.run(_serve, _Calls(answer, seconds))
    except Exception as error:
        if not all(isinstance(one, (OSError, anyio.BrokenResourceError)) for one in _leaves(error)):
            raise
        # The client went away in the middle of an answer.


async def _serve(calls: _Calls) -> None:
    server = Server(
        "bugguard",
        version=__version__,
        title="bugguard",
        instructions=INSTRUCTIONS,
        on_list_tools=calls.listed,
        on_call_tool=calls.called,
    )
    server.middleware.clear()  # tracing, which whoever configures it could send elsewhere
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


class _Calls:
    """The requests that matter here."""

    def __init__(self, answer: Answering, seconds: float) -> None:
        self._answer = answer
        self._seconds = seconds
        self._free = threading.Lock()  # of a call; one that was given up holds it to its end
        self._tools = {tool.name: tool for tool in TOOLS}
        self._validators = {
            tool.name: jsonschema.Draft202012Validator(tool.input) for tool in TOOLS
        }

    async def listed(self, context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_offered(tool) for tool in TOOLS])

    async def called(self, context: Any, params: CallToolRequestParams) -> CallToolResult:
        tool = self._tools.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name[:100]!r}")
        arguments = params.arguments or {}
        wrong = jsonschema.exceptions.best_match(self._validators[tool.name].iter_errors(arguments))
        if wrong is not None:
            return _refused(f"{_place(wrong)}: {_reason(wrong)}")
        try:
            with anyio.fail_after(self._seconds):
                answer = await anyio.to_thread.run_sync(
                    self._asked, tool.name, arguments, abandon_on_cancel=True
                )
        except TimeoutError:
            return _refused(self._too_long)
        except BugguardError as error:
            return _refused(str(error))
        return CallToolResult(
            content=[TextContent(type="text", text=answer.text)],
            structured_content=answer.document,
        )

    def _asked(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        if not self._free.acquire(timeout=self._seconds):
            raise BugguardError(self._too_long)
        try:
            return self._answer(tool, arguments)
        finally:
            self._free.release()

    @property
    def _too_long(self) -> str:
        return (
            f"this took longer than {self._seconds:g} s and was given up: ask about less, or again "
            "when nothing else is under way."
        )


def _offered(tool: Tool) -> Offered:
    return Offered(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input,
        output_schema=tool.output,
        annotations=_LOCAL,
    )


def _refused(sentence: str) -> CallToolResult:
    """An error that the agent can read and do something about."""
    said = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in sentence)
    shown = said if len(said) <= _MOST_ERROR else said[: _MOST_ERROR - 1] + "…"
    return CallToolResult(content=[TextContent(type="text", text=shown)], is_error=True)


def _place(wrong: jsonschema.ValidationError) -> str:
    return ".".join(map(str, wrong.absolute_path)) or "the arguments"


_REASONS = {
    "maxLength": "must have at most {} characters",
    "minLength": "must have at least {} characters",
    "maximum": "must be at most {}",
    "minimum": "must be at least {}",
    "type": "must be of type {}",
}  #: in place of jsonschema's, which quote the whole value


def _reason(wrong: jsonschema.ValidationError) -> str:
    known = _REASONS.get(str(wrong.validator))
    return known.format(wrong.validator_value) if known else str(wrong.message)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group of groups."""
    inner = getattr(error, "exceptions", None)
    if inner is None:
        yield error
    else:
        for one in inner:
            yield from _leaves(one)
