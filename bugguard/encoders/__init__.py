"""Text to vectors: the built-in static model, or any sentence-transformers model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bugguard.ports import Encoder

BUILT_IN = "static"


def load(name: str) -> Encoder:
    """The encoder called ``name``: ``static``, a model folder, or a name on the model hub.

    A folder that holds a static model is read without torch. Raises EncoderError.
    """
    # Imported here so that a commit pays for numpy and tokenizers only, and only when it encodes.
    from bugguard.encoders.layout import is_static
    from bugguard.encoders.static import MODEL, StaticEncoder

    if name == BUILT_IN:
        return StaticEncoder(MODEL, BUILT_IN)
    # Not Path.is_dir, which raises for a name too long for the system.
    if os.path.isdir(name) and is_static(Path(name)):  # noqa: PTH112
        return StaticEncoder(Path(name), name)
    from bugguard.encoders.transformer import TransformerEncoder

    return TransformerEncoder(name)
