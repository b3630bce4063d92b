"""``.npy`` files (format 1.0) whose header is known before it is read.

Writing the header here makes equal arrays equal bytes whatever numpy's version is, and reading is
a comparison: no text out of a file is ever parsed. See numpy's ``numpy.lib.format``.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = 128  #: bytes; a multiple of 64, which keeps the data aligned


def header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """The header that numpy itself reads, padded to :data:`HEADER` bytes."""
    text = f"{{'descr': {dtype.str!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    size = HEADER - 10
    return b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + text.ljust(size - 1).encode() + b"\n"


def data(array: NDArray[Any]) -> memoryview:
    """The array's bytes in C order, without a copy where it is in that order already."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def over(
    buffer: bytes | mmap.mmap, dtype: np.dtype[Any], rows: int, columns: int | None
) -> NDArray[Any]:
    """The array over a file's bytes, not copied. ValueError where the header is not its own."""
    shape = (rows,) if columns is None else (rows, columns)
    if buffer[:HEADER] != header(dtype, shape):
        raise ValueError("its header is not as expected")
    count = rows * (1 if columns is None else columns)
    if count == 0:
        return np.empty(shape, dtype)
    return np.frombuffer(buffer, dtype, count, HEADER).reshape(shape)


def rows_in(size: int, dtype: np.dtype[Any], columns: int | None) -> int:
    """How many rows a file of ``size`` bytes has. ValueError where that is not a whole number."""
    row = dtype.itemsize * (1 if columns is None else columns)
    if size < HEADER or row == 0 or (size - HEADER) % row:
        raise ValueError("its size is not as expected")
    return (size - HEADER) // row


def ascending(offsets: NDArray[np.int64], end: int) -> bool:
    """Whether ``offsets`` (not empty) runs from 0 to ``end`` without ever going back."""
    return bool(offsets[0] == 0 and offsets[-1] == end and np.all(offsets[1:] >= offsets[:-1]))
