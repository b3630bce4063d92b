"""Texts as tokenizers can take them."""

from __future__ import annotations

import re

#: Of longer texts only the beginning is encoded. No hunk that a person wrote comes near.
MAX_CHARACTERS = 1 << 17

_SURROGATES = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """The beginning of ``text``, with U+FFFD for bytes that are no character."""
    return _SURROGATES.sub("\ufffd", text[:MAX_CHARACTERS])
