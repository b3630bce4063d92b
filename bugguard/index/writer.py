"""Writing a generation: all of it or nothing, whatever happens on the way."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from bugguard.domain.knowledge import Knowledge
from bugguard.errors import PatternIndexError
from bugguard.index import content
from bugguard.index.check import check
from bugguard.index.claim import current, is_swept
from bugguard.index.files import create, sync_folder
from bugguard.index.generation import open_folder, verify_contents
from bugguard.index.layout import CURRENT, GENERATION, MANIFEST, TEMPORARY
from bugguard.index.locks import WRITE, hold
from bugguard.index.manifest import Manifest

_WAIT = 60.0  #: seconds for another writer to finish; writing takes a few at most

_HOUSEKEEPING = {
    # For an index that is committed: git must neither change a byte nor take the passing files.
    ".gitattributes": b"* -text\n",
    ".gitignore": b"*.lock\ntmp-*\ntickets.sqlite3*\n",
}


def write(directory: Path, knowledge: Knowledge, *, keep_previous: bool = True) -> Manifest:
    """Make ``knowledge`` the index in ``directory``, and return its manifest.

    Equal knowledge gives equal bytes under an equal name, and writing it again changes nothing.
    Readers go on with what they opened; ``keep_previous`` keeps the generation before this one
    for those that are just opening it (an index that is committed does without).

    Raises :class:`IndexBusyError` while another writer does not finish, and
    :class:`PatternIndexError` where the disk is full or not writable, or where the folder holds
    other things and no index: what was there is then still there. ValueError: the knowledge breaks
    its own contract.
    """
    check(knowledge)
    with hold(directory, WRITE, _WAIT):
        try:
            return _write(directory, knowledge, keep_previous)
        except OSError as error:
            raise PatternIndexError(
                f"cannot write the index in {directory} ({error.strerror or error}), but what it "
                "held is safe: free some space or mend its permissions, then run again"
            ) from error


def prune(directory: Path) -> None:
    """Remove every generation but the current one. Raises what :func:`write` raises."""
    with hold(directory, WRITE, _WAIT):
        _sweep(directory, _current(directory))


def _write(directory: Path, knowledge: Knowledge, keep_previous: bool) -> Manifest:
    # Under the lock, any temporary found is one that a dead writer left behind.
    keep = _generations(directory)
    _sweep(directory, keep)
    temporary = directory / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        manifest, digest = _fill(temporary, knowledge)
        name = f"gen-{digest[:16]}"
        previous = _current(directory)
        _publish(directory, temporary, name, digest)
        if name not in previous:
            keep = previous if keep_previous else set()
        return manifest
    finally:
        _sweep(directory, keep | _current(directory))


def _fill(temporary: Path, knowledge: Knowledge) -> tuple[Manifest, str]:
    """Write all files into the new folder ``temporary``. Returns the manifest's sha256 too."""
    temporary.mkdir()
    entries = {name: create(temporary / name, chunks) for name, chunks in content.files(knowledge)}
    manifest = Manifest(
        encoder=knowledge.encoder,
        provenance=knowledge.provenance,
        counts=content.count(knowledge),
        files=entries,
    )
    text = manifest.to_json()
    create(temporary / MANIFEST, [text])
    sync_folder(temporary)
    return manifest, hashlib.sha256(text).hexdigest()


def _publish(directory: Path, temporary: Path, name: str, digest: str) -> None:
    """Give the generation its name, then make it the current one in a single step."""
    for file, text in _HOUSEKEEPING.items():
        if not os.path.lexists(directory / file):
            passing = directory / f"{temporary.name}{file}"
            create(passing, [text])
            passing.replace(directory / file)
    pointer = directory / f"{temporary.name}.{CURRENT}"
    create(pointer, [f"{name} {digest}\n".encode("ascii")])
    target = directory / name
    if not _is_whole(target, digest):
        if os.path.lexists(target):
            target.rename(directory / f"{temporary.name}.damaged")
        temporary.rename(target)
    sync_folder(directory)
    pointer.replace(directory / CURRENT)
    sync_folder(directory)


def _is_whole(folder: Path, digest: str) -> bool:
    try:
        verify_contents(open_folder(folder, digest))
    except PatternIndexError:
        return False
    return True


def _current(directory: Path) -> set[str]:
    name = current(directory)
    return {name} if name else set()


def _generations(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir() if GENERATION.fullmatch(path.name)}


def _sweep(directory: Path, keep: set[str]) -> None:
    """Remove all temporaries, and all generations but those to ``keep``.

    What cannot be removed (a file that Windows still has mapped) is left to the next writer.
    """
    for path in list(directory.iterdir()):
        if path.name in keep or not is_swept(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
