"""What can be set, with its default. The names are those of the TOML keys.

``[tool.bugguard]`` holds the fields of :class:`Settings`, ``[tool.bugguard.learn]`` those of
:class:`Learn`, and so on. Regexes are checked by the rooms that use them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Learn:
    """Which commits are fixes, and what is taken from them."""

    since: str | None = None  #: only commits after this date, in any form that git understands
    branch: str | None = None  #: the branch whose history is learned; None: HEAD
    fix_subjects: tuple[str, ...] = ()  #: regexes: a commit whose subject matches one is a fix
    not_fix_subjects: tuple[str, ...] = ()  #: regexes: a commit whose subject matches is none
    ticket_patterns: tuple[str, ...] = ()  #: regexes for ticket ids of your own tracker
    ticket_url: str | None = None  #: template of a ticket's link, with ``{id}`` or ``{number}``
    provider: str | None = None  #: what serves the remote, where its host name does not tell
    include: tuple[str, ...] = ()  #: regexes: paths that count, whatever the built-in rules say
    exclude: tuple[str, ...] = ()  #: regexes: paths that never count


@dataclass(frozen=True, slots=True)
class Check:
    """How a change is checked."""

    threshold: float = field(default=0.055, metadata={"least": 0, "most": 1})  #: least score, 0..1
    #: from this score on a match is close enough to ask a judge about, 0..1
    escalate: float = field(default=0.02, metadata={"least": 0, "most": 1})
    #: larger files are skipped; git itself compares none of 1 GB
    max_file_kb: int = field(default=1024, metadata={"least": 1, "most": 1_000_000})
    max_hunks: int = field(default=2000, metadata={"least": 1})  #: further hunks are skipped
    rules: bool = True  #: whether rules made of the fixes count, see ``bugguard index rules``
    disabled_rules: tuple[str, ...] = ()  #: ids of rules that do not, such as ``5333c352.1``

    @property
    def judged(self) -> float:
        """From which score on a judge is asked: what is reported is always close enough."""
        return min(self.escalate, self.threshold)


@dataclass(frozen=True, slots=True)
class Hook:
    """How the commit hook behaves."""

    #: seconds that a commit may wait for the index to be brought up to date; 0: never waits
    update_seconds: float = field(default=2.0, metadata={"least": 0, "most": 3600})
    strict: bool = False  #: whether a failure of the hook itself blocks the commit


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, checked."""

    index: Path | None = None  #: the index's folder, absolute; None: inside the git directory
    encoder: str = "static"  #: the built-in model, or a sentence-transformers name or folder
    learn: Learn = Learn()
    check: Check = Check()
    hook: Hook = Hook()
