"""What the tests of all trackers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bugguard.trackers import Access


@dataclass
class Watch:
    """What a reader has told and how long it has waited, in seconds; nothing really waits."""

    waits: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def access(self, **other: Any) -> Access:
        settings: dict[str, Any] = {"environ": {}, "timeout": 10.0, **other}
        return Access(sleep=self.waits.append, tell=self.told.append, **settings)


def is_sentence(text: str) -> bool:
    """One line that ends as a sentence does."""
    return "\n" not in text and text.endswith(".") and "Traceback" not in text
