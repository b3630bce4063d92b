"""What agents ask of one repository, answered without a write anywhere.

The repository is fixed when the server starts. Settings, baseline and index are looked at for each
call, since agents' sessions are long; what was read of an index is kept for as long as it stays.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bugguard.agents.schemas import MOST_DIFF
from bugguard.agents.tools import Answer
from bugguard.cli.choosing import Chosen
from bugguard.cli.running import examine
from bugguard.cli.showing import numbers
from bugguard.cli.ticketing import records
from bugguard.cli.wiring import Session
from bugguard.config import Dsn, Location
from bugguard.domain import Change
from bugguard.errors import BugguardError, DiffError
from bugguard.history import changes
from bugguard.index import StoredIndex
from bugguard.index.generation import read_pointer
from bugguard.pipeline.search import PastBugs
from bugguard.ports import Encoder
from bugguard.report import bounded, recalled
from bugguard.report.bounded import NOTICE, Told

if TYPE_CHECKING:
    from bugguard.index import AnyIndex
    from bugguard.index.postgres.reader import ServedIndex

_KINDS = ("diff", "staged", "commit", "range")
_MOST_NAMES = 1_000  #: fingerprints kept


class _Opened(NamedTuple):
    """An index with what it was opened for."""

    key: object
    stored: AnyIndex
    encoder: Encoder


class _Searched(NamedTuple):
    key: object
    past: PastBugs


class Answers:
    """A :data:`bugguard.agents.tools.Answering`."""

    def __init__(self, repo: Path | None, index: Location | None) -> None:
        """Raises BugguardError where there is no repository, or its settings are wrong."""
        self._repo = repo
        # A judge would cost money, and send code elsewhere, without anybody who looks on.
        self._flags = {"index": index, "judge.mode": "off"}
        self._opened: _Opened | None = None
        self._searched: _Searched | None = None
        self._passing: list[ServedIndex] = []  # opened for one call: a server waits for nobody
        self._names: dict[str, str] = {}  # of findings told in this session: the fixes' shas
        self._session()

    def __call__(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        # What failed before keeps the files that it had open until somebody collects it, and the
        # command line collects seldom.
        gc.collect()
        try:
            told: Told = getattr(self, f"_{tool}")(arguments)
        finally:
            while self._passing:
                self._passing.pop().close()
        return Answer(told.document, f"{NOTICE}\n\n{told.text}")

    def _check_diff(self, arguments: Mapping[str, Any]) -> Told:
        given = [name for name in _KINDS if arguments.get(name) not in (None, False)]
        if len(given) > 1:
            raise BugguardError(f"give only one of {', '.join(_KINDS)}, not {' and '.join(given)}.")
        session = self._session({"check.threshold": arguments.get("threshold")})
        opened, encoder = self._open(session)
        change = self._change(session, arguments)
        report, problems = examine(session, change, opened, encoder)
        for one in report.findings:
            self._names.pop(one.fingerprint, None)
            self._names[one.fingerprint] = one.match.fix.sha
        self._names = dict(list(self._names.items())[-_MOST_NAMES:])
        return bounded.checked(report, [(one.path, one.line, one.message) for one in problems])

    def _show_fix(self, arguments: Mapping[str, Any]) -> Told:
        session = self._session()
        name = str(arguments["fix"]).strip()
        index = self._read(session)
        found = numbers(session, index, self._names.get(name.lower(), name))
        shown = found[: recalled.MOST_FIXES]
        return recalled.whole(
            [_whole(session, index, one) for one in shown], len(found) - len(shown)
        )

    def _search_past_bugs(self, arguments: Mapping[str, Any]) -> Told:
        session = self._session()
        key = _key(session)
        if self._searched is None or self._searched.key != key:
            self._searched = None  # not two of them at a time
            self._searched = _Searched(key, PastBugs(self._read(session)))
        past, query = self._searched.past, str(arguments["query"])
        found = past.search(query, int(arguments.get("limit", 10)))
        return recalled.listed(query, found, len(past), several=past.several)

    def _session(self, more: Mapping[str, object] | None = None) -> Session:
        return Session.start(self._repo, {**self._flags, **(more or {})})

    def _open(self, session: Session) -> tuple[AnyIndex, Encoder]:
        key = (_key(session), session.settings.encoder)
        if self._opened is None or self._opened.key != key:
            self._opened = _Opened(key, *session.open())
            self._pass(self._opened.stored)
        return self._opened.stored, self._opened.encoder

    def _read(self, session: Session) -> AnyIndex:
        return self._pass(session.opened())

    def _pass(self, index: AnyIndex) -> AnyIndex:
        if not isinstance(index, StoredIndex):
            self._passing.append(index)
        return index

    def _change(self, session: Session, arguments: Mapping[str, Any]) -> Change:
        text = arguments.get("diff")
        if text is None:
            return Chosen(False, arguments.get("range"), arguments.get("commit"), None).change(
                session
            )
        data = text.encode("utf-8", "surrogatepass")
        if len(data) > MOST_DIFF:
            raise DiffError(f"the diff is over {MOST_DIFF >> 20} MiB: check it in parts.")
        return changes.patch("diff", data, session.limits)


def _key(session: Session) -> object:
    """Equal for as long as what was opened stays what it is; of a server never."""
    if isinstance(session.location, Dsn):
        return object()
    return session.directory, read_pointer(session.directory)


def _whole(session: Session, index: AnyIndex, number: int) -> recalled.Whole:
    fix = index.fix(number)
    return recalled.Whole(fix, index.lesson(number), records(session, fix.commit))
