"""The index: what was learned, kept on disk and asked without reading it whole."""

from bugguard.index.loader import load, verify
from bugguard.index.lock import lock
from bugguard.index.manifest import Manifest
from bugguard.index.reader import StoredIndex, open_index
from bugguard.index.writer import write

__all__ = ["Manifest", "StoredIndex", "load", "lock", "open_index", "verify", "write"]
