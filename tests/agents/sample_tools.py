"""The golden file of what agents are told of the tools.

``python tests/agents/sample_tools.py`` writes it anew; read its diff as an agent would.
"""

from __future__ import annotations

import json
from pathlib import Path

from bugguard.agents.tools import INSTRUCTIONS, TOOLS

GOLDEN = Path(__file__).parent.parent / "golden" / "agents-tools.json"


def golden() -> str:
    """As the protocol has them."""
    hints = {
        "readOnlyHint": True, "destructiveHint": False, "idempotentHint": True,
        "openWorldHint": False,
    }  # fmt: skip
    tools = [
        {
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": tool.input,
            "outputSchema": tool.output,
            "annotations": hints,
        }
        for tool in TOOLS
    ]
    return json.dumps({"instructions": INSTRUCTIONS, "tools": tools}, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(golden(), encoding="ascii", errors="strict")
