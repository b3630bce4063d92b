"""Token vectors from a teacher model, and the sentence-transformers model made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, StaticEmbedding
from tokenizers import Tokenizer
from vocabulary import UNKNOWN, Frequencies

Table = NDArray[np.float32]
PUBLIC = "sentence_transformers.models"
SIF = 1e-3  # Arora et al., "A simple but tough-to-beat baseline for sentence embeddings", 2017


def distil(teacher: SentenceTransformer, vocabulary: Sequence[str], dimension: int) -> Table:
    """What the teacher says of each token alone, centred and cut to its principal components.

    This is the method of model2vec (Minish Lab, MIT licence). Tokens the teacher does not know
    get random vectors of the same spread: they still tell texts apart. Shape (tokens, dimension).
    """
    texts = [token.removeprefix("##") for token in vocabulary]
    embedded = teacher.encode(texts, batch_size=256, convert_to_numpy=True)
    known = np.array([UNKNOWN not in teacher.tokenizer.tokenize(text) for text in texts])
    centred = embedded - embedded[known].mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(centred[known].T))
    table = centred @ axes[:, ::-1][:, :dimension]
    spread = table[known].std(axis=0)
    table[~known] = np.random.default_rng(0).normal(size=(int((~known).sum()), dimension)) * spread
    table[vocabulary.index(UNKNOWN)] = 0
    return table.astype(np.float32)


def weigh(table: Table, vocabulary: Sequence[str], frequencies: Frequencies) -> Table:
    """Each vector times the square root of its token's smooth inverse frequency (SIF).

    The whole weight suits prose; in code the frequent tokens, operators among them, say more.
    The result has unit spread, which is what the learning rate of the training is meant for.
    """
    frequency = np.array([frequencies.get(token, 0.0) for token in vocabulary])
    weighed = table * np.sqrt(SIF / (SIF + frequency))[:, None]
    return (weighed / weighed.std()).astype(np.float32)


def model_of(tokenizer: Tokenizer, table: Table) -> SentenceTransformer:
    """The model that averages ``table``'s rows over a text's tokens and normalises."""
    # Rounded to what half precision holds: nothing is lost, and it packs to half the size.
    rounded = table.astype(np.float16).astype(np.float32)
    return SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=rounded), Normalize()], device="cpu"
    )


def save(model: SentenceTransformer, folder: Path) -> None:
    """Write ``model`` in sentence-transformers' own format, readable from its version 3.2 on.

    Recent versions keep the first module's files at the top and name the modules by where they
    are defined today; older ones understand neither.
    """
    model.save(str(folder), create_model_card=False)
    inner = folder / "0_StaticEmbedding"
    inner.mkdir(exist_ok=True)
    for name in ("model.safetensors", "tokenizer.json"):
        (folder / name).replace(inner / name)
        (inner / name).chmod(0o644)
    modules = [
        {"idx": 0, "name": "0", "path": inner.name, "type": f"{PUBLIC}.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{PUBLIC}.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
