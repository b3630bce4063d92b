"""What coding agents ask over the Model Context Protocol, and the server that lets them.

This, :mod:`bugguard.agents.tools` and :mod:`bugguard.agents.schemas` cost nothing to import; the
protocol's package comes with :func:`serve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bugguard.errors import BugguardError

if TYPE_CHECKING:
    from bugguard.agents.tools import Answering

_PACKAGES = frozenset(("mcp", "mcp_types", "anyio", "jsonschema"))


def serve(answer: Answering, *, seconds: float) -> None:
    """Answers one client on the standard streams until it hangs up.

    seconds: a call may take. Raises BugguardError where the protocol's package is missing.
    """
    try:
        from bugguard.agents import server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise BugguardError(
            "to serve agents the package mcp, 2.0 or newer, is missing: run "
            '`pip install "bugguard[mcp]"`'
        ) from None
    server.serve(answer, seconds=seconds)


__all__ = ["serve"]
