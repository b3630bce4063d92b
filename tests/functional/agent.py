"""A real client of the Model Context Protocol, as editors and coding agents have one inside."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import anyio
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult
from program import PROGRAM, environment
from shop import Shop

Result = TypeVar("Result")
Call = tuple[str, dict[str, Any]]


def session(
    shop: Shop,
    talk: Callable[[ClientSession], Awaitable[Result]],
    *options: str,
    **variables: str,
) -> Result:
    """What ``talk`` makes of a session with ``bugguard mcp``; fails for words on stderr."""
    arguments = ["mcp", "--repo", str(shop.path), *options]
    server = StdioServerParameters(
        command=PROGRAM, args=arguments, env=environment(shop) | variables, cwd=shop.path.parent
    )

    async def run() -> Result:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            async with stdio_client(server, errors) as streams, ClientSession(*streams) as client:
                await client.initialize()
                result = await talk(client)
            errors.seek(0)
            assert errors.read() == ""
            return result

    return anyio.run(run)


def call(shop: Shop, *calls: Call, **variables: str) -> Sequence[CallToolResult]:
    """The results of some calls, one after another."""

    async def talk(client: ClientSession) -> list[CallToolResult]:
        return [await client.call_tool(name, arguments) for name, arguments in calls]

    return session(shop, talk, **variables)


def text(result: CallToolResult) -> str:
    [content] = result.content
    assert content.type == "text"
    return content.text


def complaint(result: CallToolResult) -> str:
    """The sentence of a call that failed."""
    assert result.is_error, result
    assert "Traceback" not in text(result)
    assert "\n" not in text(result)
    return text(result)


def document(result: CallToolResult) -> Any:
    assert not result.is_error, text(result)
    return result.structured_content


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below the folder: how it is set, when it was written, what is in it."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }
