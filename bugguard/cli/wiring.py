"""Where the concretes are named: settings in, rooms out. Every command starts from a Session."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bugguard import encoders
from bugguard import index as store
from bugguard.cli.options import load_settings, open_repository
from bugguard.config import Settings
from bugguard.errors import EncoderError
from bugguard.history import revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.history.paths import PathRules
from bugguard.pipeline.learner import require
from bugguard.ports import Encoder

if TYPE_CHECKING:
    from bugguard.history.fixes import FixRules
    from bugguard.pipeline.learn import Lesson
    from bugguard.pipeline.refresh import Place


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
    def directory(self) -> Path:
        """The index's folder."""
        return self.settings.index or self.git.common_dir / "bugguard"

    @property
    def is_private(self) -> bool:
        """Whether the index is this clone's own, so that it may be changed without asking."""
        return self.settings.index is None

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

    def open(self) -> tuple[store.StoredIndex, Encoder]:
        """The index and the encoder that it was made with.

        Raises IndexMissingError and its kin, and EncoderError where the two do not fit.
        """
        opened = store.open_index(self.directory)
        require(opened.manifest.provenance.revision, self.directory)
        encoder = self.encoder()
        if opened.encoder != encoder.identity:
            raise EncoderError(
                f"the index in {self.directory} was made with the encoder "
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

    def lesson(self) -> Lesson:
        """How the history is to be read. Raises ConfigError for a regex that is none."""
        # Only learning needs these, and the hook most often learns nothing.
        from bugguard.history.repository import remote_url
        from bugguard.history.tickets import Remote, TicketRules
        from bugguard.pipeline.learn import Lesson

        learn = self.settings.learn
        url = remote_url(self.git)
        return Lesson(
            fixes=self.fix_rules(),
            paths=PathRules(learn.include, learn.exclude),
            tickets=TicketRules(
                learn.ticket_patterns, learn.ticket_url or "", learn.provider or ""
            ),
            remote=Remote.parse(url, learn.provider or "") if url else None,
            since=self.since(),
        )

    def place(self) -> Place:
        """What an index is made from and where."""
        from bugguard.pipeline.refresh import Place

        return Place(self.git, self.directory, self.heads())


def limits_of(settings: Settings) -> Limits:
    """What the settings say is too much to look into, and what is no code."""
    paths = PathRules(settings.learn.include, settings.learn.exclude)
    return Limits(settings.check.max_file_kb * 1024, paths.reason)


def environment() -> Mapping[str, str]:
    """What a surrounding hook tells."""
    return os.environ
