"""JSON that no locale can spoil and every strict reader takes."""

from __future__ import annotations

import json
from typing import Any

from bugguard.report.escape import encodable


def dumps(document: Any) -> str:
    """Pure ASCII, without lone surrogates, ending with a newline."""
    return json.dumps(_encodable(document), indent=2) + "\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else encodable(value)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {key: _encodable(item) for key, item in value.items()}
    return value
