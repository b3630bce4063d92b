"""A sentence-transformers ``StaticEmbedding`` model, run with numpy alone.

A text's vector is the normalised mean of its tokens' vectors. It equals what
``SentenceTransformer(folder)`` gives, at a hundredth of the time that importing torch takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bugguard.domain.provenance import EncoderIdentity
from bugguard.encoders.layout import modules
from bugguard.encoders.tensors import map_tensor
from bugguard.encoders.texts import encodable
from bugguard.encoders.wordpiece import WordPiece
from bugguard.errors import EncoderError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from bugguard.ports import Floats

    Table = NDArray[np.floating]

#: The built-in model. How it is made: ``training/README.md``.
MODEL = Path(__file__).parent / "model"

_TENSOR = "embedding.weight"
_FEW = 64  # texts, as many as a commit has hunks: loading the library would take longer
_BATCH = 256  # tokenizing more at once only holds more in memory


class StaticEncoder:
    """Texts to unit vectors through a table of token vectors."""

    def __init__(self, folder: Path, name: str) -> None:
        """Open the model in ``folder``; its tokenizer is read when a text comes.

        Raises EncoderError.
        """
        first = next(iter(modules(folder)), None)
        if first is None:
            raise EncoderError(
                f"there is no model in {folder} (no modules.json): reinstall bugguard, or set "
                "`encoder` to a model's folder."
            )
        self._folder = folder
        self._tokens = first.folder / "tokenizer.json"
        weights = first.folder / "model.safetensors"
        self._table = _table(weights)
        self._identity = EncoderIdentity(name, _revision(folder, weights), self._table.shape[1])

    @property
    def identity(self) -> EncoderIdentity:
        """The name it was loaded by, the sha256 of its weights file, and its dimension."""
        return self._identity

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32, shape (len(texts), dimension), as in the port.

        Only the first 131,072 characters of a text count. Raises EncoderError if the tokenizer
        has tokens that the table lacks.
        """
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        for row, ids in enumerate(self._token_ids(texts)):
            vectors[row] = self._vector(ids)
        return vectors

    def _token_ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        for start in range(0, len(texts), _BATCH):
            batch = [encodable(text) for text in texts[start : start + _BATCH]]
            if len(batch) <= _FEW and self._quick and all(map(str.isascii, batch)):
                yield from map(self._quick.encode, batch)
            else:
                encodings = self._tokenizer.encode_batch(batch, add_special_tokens=False)
                yield from (encoding.ids for encoding in encodings)

    @cached_property
    def _quick(self) -> WordPiece | None:
        try:
            return WordPiece.read(_text(self._tokens))
        except ValueError as error:
            raise _unreadable(self._tokens, str(error)) from error

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return _tokenizer(self._tokens)

    def _vector(self, ids: list[int]) -> Floats:
        # Each distinct token once, in a fixed order: the same sum on every machine and in every
        # batch, and a long text costs no more memory than the table.
        tokens, counts = np.unique(np.array(ids, dtype=np.int64), return_counts=True)
        if len(tokens) and tokens[-1] >= len(self._table):
            raise EncoderError(
                f"the tokenizer in {self._folder} has tokens without a vector: the model's files "
                "do not belong together, so save it again with sentence-transformers."
            )
        rows = self._table[tokens].astype(np.float32)
        if not np.isfinite(rows).all():
            raise _unreadable(self._folder, "it has values that are no numbers")
        total = (rows * counts.astype(np.float32)[:, None]).sum(axis=0)
        norm = np.sqrt(np.square(total).sum())
        unit: Floats = total / norm if norm > 0 else total
        return unit


def _table(file: Path) -> Table:
    """The token vectors, shape (tokens, dimension)."""
    try:
        return map_tensor(file, _TENSOR)
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from error
    except ValueError as error:
        raise _unreadable(file, str(error)) from error


def _revision(folder: Path, weights: Path) -> str:
    """The weights' sha256. The built-in model has its own written down, for hashing takes time."""
    if folder == MODEL:
        return (MODEL / "REVISION").read_text("ascii").strip()
    return hashlib.sha256(weights.read_bytes()).hexdigest()


def _tokenizer(file: Path) -> Tokenizer:
    from tokenizers import Tokenizer  # slow to import, and many a commit has nothing to encode

    try:
        tokenizer = Tokenizer.from_str(_text(file))
    except EncoderError:
        raise
    except Exception as error:  # tokenizers raises bare Exceptions
        raise _unreadable(file, str(error)) from error
    tokenizer.no_padding()
    return tokenizer


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from error
    except UnicodeDecodeError as error:
        raise _unreadable(file, "it is not UTF-8") from error


def _unreadable(file: Path, why: str) -> EncoderError:
    return EncoderError(
        f"the encoder's file {file} cannot be read ({why:.120}): reinstall bugguard if the model "
        "is the built-in one, else save it again with sentence-transformers."
    )
