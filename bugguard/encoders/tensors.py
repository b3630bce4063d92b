"""One tensor of a safetensors file, mapped and not read: a commit needs a few rows of thousands.

The format is a length (8 bytes, little-endian), a JSON header of that length, and the tensors'
bytes, see https://github.com/huggingface/safetensors. The library reads a tensor whole.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_HEADER = 1 << 20
_TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}


def map_tensor(file: Path, name: str) -> NDArray[np.floating]:
    """The floating-point matrix called ``name``, read-only.

    Raises OSError, and ValueError for a file that is not what it should be.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > min(_LARGEST_HEADER, size - 8):
            raise ValueError("it is no safetensors file")
        header = json.loads(stream.read(length))
    try:
        entry = header[name]
        dtype = np.dtype(_TYPES[entry["dtype"]])
        rows, columns = (int(length) for length in entry["shape"])
        start, end = (int(offset) for offset in entry["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"it has no matrix called {name}") from error
    fits = math.prod((rows, columns, dtype.itemsize)) == end - start
    if not (fits and rows > 0 and columns > 0 and start >= 0 and 8 + length + end <= size):
        raise ValueError("its header does not fit its size")
    mapped: NDArray[np.floating] = np.memmap(file, dtype, "r", 8 + length + start, (rows, columns))
    return mapped
