"""Several indexes to one, on whatever machine they were brought together."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bugguard import encoders
from bugguard import index as store
from bugguard.cli.options import load_settings
from bugguard.cli.wiring import folder_of
from bugguard.config import Location
from bugguard.errors import EncoderError
from bugguard.pipeline.assemble import lessons_of
from bugguard.pipeline.merge import merged
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
    with store.lock(directory, 60.0):
        lessons = store.salvage(directory)
        for knowledge in loaded.values():
            lessons = {**lessons, **lessons_of(knowledge)}
        whole = merged(loaded, model, lessons)
        store.write(directory, whole)
    untaught = len(lessons) - len(whole.lessons.lessons)
    seconds = time.perf_counter() - started
    return summary(whole, 0, 0, None, seconds, untaught)
