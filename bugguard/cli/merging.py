"""Several indexes to one, on whatever machine they were brought together."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bugguard import encoders
from bugguard import index as store
from bugguard.cli.options import load_settings
from bugguard.cli.wiring import folder_of
from bugguard.config import Location
from bugguard.errors import EncoderError, GitError
from bugguard.history.git import Git
from bugguard.pipeline.assemble import lessons_of
from bugguard.pipeline.merge import merged, require_fit
from bugguard.pipeline.refresh import tickets_of
from bugguard.report.learned import summary


def merge_now(parts: Sequence[Location], index: Location, encoder: str | None) -> str:
    """Writes the whole; returns what to tell. Raises BugguardError: what was there is as it was."""
    started = time.perf_counter()
    settings = load_settings(None, {"encoder": encoder, "index": index}).settings
    directory = folder_of(settings.index or index)
    loaded = {str(part): store.load(folder_of(part)) for part in parts}
    model = encoders.load(settings.encoder)
    for name, knowledge in loaded.items():
        if knowledge.encoder != model.identity:
            raise EncoderError(
                f"the index in {name} was made with the encoder {knowledge.encoder.name!r}, and "
                f"now {model.identity.name!r} (or another version of it) is set: name it with "
                "--encoder"
            )
    require_fit(loaded)  # before anything is made there
    with store.lock(directory, 60.0):
        lessons = store.salvage(directory)
        for knowledge in loaded.values():
            lessons = {**lessons, **lessons_of(knowledge)}
        whole = merged(loaded, model, lessons)
        purge = tickets_of(directory) != whole.provenance.tickets
        store.write(directory, whole, keep_previous=not purge and not _in_work_tree(directory))
        if purge:
            store.prune(directory)
    untaught = len(lessons) - len(whole.lessons.lessons)
    seconds = time.perf_counter() - started
    return summary(whole, 0, 0, None, seconds, untaught)


def _in_work_tree(directory: Path) -> bool:
    """Whether it may be committed: then what was there before is in the history."""
    with suppress(GitError):
        return Git.discover(directory, os.environ, explicit=True).exposes(directory)
    return False
