"""Where the concretes are named: settings in, rooms out. Every command starts from a Session."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard import encoders
from bugguard import index as store
from bugguard.cli.options import load_settings, open_repository
from bugguard.config import Dsn, Location, Settings
from bugguard.domain import Origins
from bugguard.errors import EncoderError, PatternIndexError, TicketError
from bugguard.history import revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.history.origin import Present, own
from bugguard.history.paths import PathRules
from bugguard.pipeline.learner import require
from bugguard.ports import Encoder

if TYPE_CHECKING:
    from bugguard.domain.provenance import Provenance, Source
    from bugguard.history.fixes import FixRules
    from bugguard.history.tickets import Remote
    from bugguard.pipeline.refresh import Place
    from bugguard.pipeline.sources import History, Lesson
    from bugguard.pipeline.tickets import Join


@dataclass(frozen=True, slots=True)
class Session:
    """One repository with its settings."""

    git: Git
    settings: Settings
    flags: Mapping[str, object]  #: what this run alone was told, by dotted name

    @classmethod
    def start(cls, repo: Path | None, flags: Mapping[str, object]) -> Session:
        """The repository that ``--repo`` names, with its settings. Raises BugguardError."""
        git = open_repository(repo)
        return cls(git, load_settings(git, flags).settings, flags)

    def with_flags(self, flags: Mapping[str, object]) -> Session:
        """The same with more flags. Raises ConfigError."""
        more = {**self.flags, **flags}
        return Session(self.git, load_settings(self.git, more).settings, more)

    @property
    def location(self) -> Location:
        """Where the index is, to be read."""
        return self.settings.index or self.git.common_dir / "bugguard"

    @property
    def directory(self) -> Path:
        """The index's folder. Raises PatternIndexError where it is on a server: what is there is
        never changed in place.
        """
        return folder_of(self.location)

    @property
    def is_private(self) -> bool:
        """Whether the index is this clone's own, so that it may be changed without asking."""
        return self.settings.index is None

    @property
    def tickets(self) -> Path:
        """Where tickets are kept: beside the index, so that who shares it shares them. Where the
        index is part of the work tree they are kept in the git directory: no commit, however
        careless, takes them along.
        """
        private = isinstance(self.location, Dsn) or self.git.exposes(self.directory)
        folder = self.git.common_dir / "bugguard" if private else self.directory
        return folder / "tickets.sqlite3"

    @property
    def limits(self) -> Limits:
        return limits_of(self.settings)

    def heads(self) -> tuple[str, ...]:
        """The commits to learn from."""
        return revisions.heads(self.git, self.settings.learn.branch)

    def encoder(self, *, download: bool = False) -> Encoder:
        """The configured encoder. Raises EncoderError.

        download: whether a hub's model may be fetched. Only for who asks to learn: a repository's
        settings can name any model, and checking a change must reach for nothing outside.
        """
        if not download:
            os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's library is imported
        return encoders.load(self.settings.encoder)

    def opened(self) -> store.AnyIndex:
        """The index as it is, whoever learned it. Raises IndexMissingError and its kin."""
        return opened_at(self.location)

    def open(self) -> tuple[store.AnyIndex, Encoder]:
        """The index and the encoder that it was made with.

        Raises IndexMissingError and its kin, and EncoderError where the two do not fit.
        """
        opened = self.opened()
        require(opened.manifest.provenance, self.location)
        encoder = self.encoder()
        if opened.encoder != encoder.identity:
            raise EncoderError(
                f"the index in {self.location} was made with the encoder "
                f"{opened.encoder.name!r}, and now {encoder.identity.name!r} (or another version "
                "of it) is set: run `bugguard index build`."
            )
        return opened, encoder

    def since(self) -> int | None:
        """Only commits from then on are learned (seconds since the epoch). Raises GitError."""
        return revisions.since(self.git, self.settings.learn.since)

    def fix_rules(self) -> FixRules:
        """What the settings say of fixes. Raises ConfigError for a regex that is none."""
        from bugguard.history.fixes import FixRules  # as below

        learn = self.settings.learn
        return FixRules(learn.fix_subjects, learn.not_fix_subjects, learn.ticket_patterns)

    @property
    def is_apart(self) -> bool:
        """Whether the index is outside of the repository, where others may share it."""
        if isinstance(self.location, Dsn):
            return True
        tree, folder = self.git.work_tree, Path(os.path.realpath(self.directory))
        inside = [os.path.realpath(one) for one in (tree, self.git.common_dir) if one]
        return not any(folder.is_relative_to(one) for one in inside)

    def lesson(self, *, named: bool = False) -> Lesson:
        """How the history is to be read. Raises ConfigError for a regex that is none.

        named: to be told from others, so that without a remote it is called by its folder. Where
            others may share the index it always is.
        """
        # Only learning needs these, and the hook most often learns nothing.
        from bugguard.history.tickets import TicketRules
        from bugguard.pipeline.sources import Lesson

        learn = self.settings.learn
        rules = TicketRules(learn.ticket_patterns, learn.ticket_url or "", learn.provider or "")
        remote = self.remote()
        return Lesson(
            fixes=self.fix_rules(),
            paths=PathRules(learn.include, learn.exclude),
            tickets=rules,
            remote=remote,
            since=self.since(),
            join=self.join(),
            called=self.git.called if named or self.is_apart else "",
            share=learn.share,
        )

    def history(self) -> History:
        """The repository as one of several to learn from."""
        from bugguard.pipeline.sources import History

        return History(self.git, self.heads(), self.lesson(named=True))

    def origins(self, provenance: Provenance) -> Origins:
        """Whose fixes count, and how much, of an index that was made of that."""
        mine = None if self.is_private else own(self.git, provenance.sources)
        return Origins.parse(mine, self.settings.check.weights, Present(self.git))

    def source(self, provenance: Provenance) -> Source | None:
        """What an index that was made of that has of this repository's own history."""
        return home(provenance, self.origins(provenance))

    def remote(self) -> Remote | None:
        """Where the repository is published; None: nowhere that is known."""
        from bugguard.history.repository import remote_url
        from bugguard.history.tickets import Remote

        url = remote_url(self.git)
        return Remote.parse(url, self.settings.learn.provider or "") if url else None

    def join(self, repository: str = "") -> Join | None:
        """The tickets that are known here; None: none were ever taken in.

        repository: whose commits are to be joined to them, as fixes name it; empty: this one's.

        Raises TicketError where they cannot be read, or where only bugs are to be learned and it is
        not known which those are.
        """
        learn = self.settings.learn
        known = self.tickets.is_file() and self.tickets.stat().st_size > 0
        if not known and not learn.bugs_only:
            return None
        from bugguard.history.tickets import Remote, TicketRules
        from bugguard.pipeline.leads import Leads
        from bugguard.pipeline.tickets import Join
        from bugguard.tickets.kinds import KindRules
        from bugguard.tickets.store import Store

        store = Store.open(self.tickets) if known else None
        if store is None or (learn.bugs_only and not store.totals()[0]):
            raise TicketError(
                "learn.bugs_only is set, and no ticket is known here: sync or import some with "
                "`bugguard tickets`, or unset it"
            )
        remote, more = self.remote(), learn.ticket_projects
        if repository and repository != (remote.name if remote else ""):
            # What "#12" means there is not what it means here.
            remote, more = Remote.parse(f"https://{repository}", learn.provider or ""), ()
        return Join(
            Leads(store, remote, more),
            TicketRules(learn.ticket_patterns, learn.ticket_url or "", learn.provider or ""),
            KindRules(learn.bug_labels, learn.not_bug_labels),
            learn.bugs_only,
        )

    def place(self, others: Sequence[Session] = ()) -> Place:
        """What an index is made from and where. others: further repositories to learn from."""
        from bugguard.pipeline.refresh import Place

        histories = tuple(one.history() for one in others)
        return Place(self.git, self.directory, self.heads(), histories)


def folder_of(location: Location) -> Path:
    """The folder that it is. Raises PatternIndexError where it is a server."""
    if isinstance(location, Dsn):
        raise PatternIndexError(
            f"the index at {location} is on a server, and this needs a folder: name one with "
            "--index DIR, and push it with `bugguard index push`"
        )
    return location


def opened_at(location: Location) -> store.AnyIndex:
    """The index there. Raises IndexMissingError and its kin."""
    if not isinstance(location, Dsn):
        return store.open_index(location)
    served = store.open_served(location)
    context = click.get_current_context(silent=True)
    if context is not None:  # the process ends abruptly, and servers make a note of that
        context.call_on_close(served.close)
    return served


def home(provenance: Provenance, origins: Origins) -> Source | None:
    """What knowledge has of the checked repository's own history."""
    return next((one for one in provenance.sources if origins.is_own(one.name)), None)


def limits_of(settings: Settings) -> Limits:
    """What the settings say is too much to look into, and what is no code."""
    paths = PathRules(settings.learn.include, settings.learn.exclude)
    return Limits(settings.check.max_file_kb * 1024, paths.reason)


def environment() -> Mapping[str, str]:
    """What a surrounding hook tells."""
    return os.environ
