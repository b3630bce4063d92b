"""Numbers as people read them."""

from __future__ import annotations


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 file``, ``1,328 files``; plural: where an s does not make it (``past fixes``)."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
