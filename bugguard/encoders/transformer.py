"""Any sentence-transformers model. Nothing heavy is imported before one is loaded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bugguard.domain.provenance import EncoderIdentity
from bugguard.encoders.layout import modules
from bugguard.encoders.texts import encodable
from bugguard.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from bugguard.ports import Floats

#: What is fetched of a hub's model: its weights once, and no formats that can carry code.
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]


class TransformerEncoder:
    """Texts to unit vectors through a sentence-transformers model."""

    def __init__(self, name: str) -> None:
        """Load the model from the folder ``name``, or by its name on the model hub.

        A hub's model is taken from the local cache, and downloaded if it is not there. Its
        revision is the hub's commit; that of a folder is the sha256 of its weights. Raises
        EncoderError.
        """
        is_folder = os.path.isdir(name)  # noqa: PTH112 - Path.is_dir raises for a name too long
        folder = Path(name) if is_folder else _snapshot(name)
        _refuse_code(folder)
        self._model = _load(folder)
        revision = _digest(folder) if is_folder else folder.name
        dimension = self._model.encode([""], show_progress_bar=False).shape[1]
        self._identity = EncoderIdentity(name, revision, dimension)

    @property
    def identity(self) -> EncoderIdentity:
        """The name it was loaded by, its revision and its dimension."""
        return self._identity

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32, shape (len(texts), dimension), as in the port.

        A blank text has the zero vector. A model reads as many tokens as it was made for. Batches
        are padded, so a vector can differ by rounding (about 1e-6) with the texts beside it.
        """
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        said = [row for row, text in enumerate(texts) if text.strip()]
        if said:
            vectors[said] = self._model.encode(
                [encodable(texts[row]) for row in said],
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return vectors


def _snapshot(name: str) -> Path:
    """The folder of the hub's model ``name`` in the local cache; its own name is the commit."""
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise _missing_package() from error
    # What sentence-transformers does with its own models' short names.
    full = name if "/" in name else f"sentence-transformers/{name}"
    try:
        try:
            return Path(snapshot_download(full, allow_patterns=_FILES, local_files_only=True))
        except FileNotFoundError:
            return Path(snapshot_download(full, allow_patterns=_FILES))
    except Exception as error:  # the hub's, the network's and the cache's errors share no base
        raise EncoderError(
            f"the encoder {name!r} is neither a folder nor a model in the local cache, and it "
            f"cannot be downloaded ({type(error).__name__}): connect once, correct the name, or "
            "set `encoder` to the folder of a downloaded model."
        ) from error


def _refuse_code(folder: Path) -> None:
    """Raise EncoderError for a model that could run code of its own when it is loaded.

    A repository may bring its own model. Releases of sentence-transformers before 6.0 import
    classes that a local folder names, and old releases of torch unpickle anything.
    """
    foreign = [m.type for m in modules(folder) if not m.type.startswith("sentence_transformers.")]
    if foreign:
        raise EncoderError(
            f"the model in {folder} needs code of its own ({foreign[0]!r}), which is never run: "
            "choose a model made of sentence-transformers' own modules."
        )
    weights = {file.parent for file in folder.rglob("*.safetensors")}
    pickled = [file for file in folder.rglob("pytorch_model*.bin") if file.parent not in weights]
    if pickled or not weights:
        raise EncoderError(
            f"the model in {folder} has weights that are not in the safetensors format: save it "
            "again with a recent sentence-transformers, or choose another model."
        )


def _load(folder: Path) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # read once, by the import below
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise _missing_package() from error
    try:
        return SentenceTransformer(
            str(folder),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # whatever the libraries below raise for a model that is not one
        reason = " ".join(str(error).split())
        raise EncoderError(
            f"the model in {folder} cannot be loaded ({type(error).__name__}: {reason:.160}): "
            "choose a sentence-transformers model, or download this one again."
        ) from error


def _digest(folder: Path) -> str:
    """sha256 over the weights files, in the order of their paths."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.safetensors")):
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _missing_package() -> EncoderError:
    return EncoderError(
        "this encoder needs sentence-transformers, which is not installed: run "
        '`pip install "bugguard[transformers]"`, or set `encoder = "static"`.'
    )
