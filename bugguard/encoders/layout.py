"""What a sentence-transformers model folder says it is made of (its ``modules.json``)."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bugguard.errors import EncoderError


class Module(NamedTuple):
    """One step of a model."""

    type: str  #: the class, dotted
    folder: Path


def modules(folder: Path) -> list[Module]:
    """The steps of the model in ``folder``, first to last; none if it does not say.

    Raises EncoderError for a description that is damaged, or that points out of the folder.
    """
    file = folder / "modules.json"
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        steps = [(str(entry["type"]), str(entry["path"])) for entry in entries]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise EncoderError(
            f"{file} cannot be read as a model's description ({type(error).__name__}): "
            "save the model again with sentence-transformers."
        ) from error
    for _, path in steps:
        inner = PurePosixPath(path.replace("\\", "/"))
        if inner.is_absolute() or ".." in inner.parts or ":" in path:
            raise EncoderError(
                f"{file} names {path!r}, which is outside the model's folder: use a model that "
                "keeps its files together."
            )
    return [Module(kind, folder / path) for kind, path in steps]


def is_static(folder: Path) -> bool:
    """Whether the model is a table of token vectors and nothing that changes their direction."""
    names = [module.type.rpartition(".")[2] for module in modules(folder)]
    return names in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"])
