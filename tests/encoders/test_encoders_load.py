"""Which encoder a name means, and what loading it costs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bugguard import encoders
from bugguard.encoders.static import MODEL, StaticEncoder
from bugguard.errors import EncoderError

HEAVY = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "git", "scipy"}
ENCODES = """
import sys
from bugguard import encoders
before = set(sys.modules)
vectors = encoders.load("static").encode(["x = 1"])
assert vectors.any()
print(" ".join(sorted(before)), "|", " ".join(sorted(sys.modules)))
"""


def test_the_built_in_encoder_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENCODES], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    before, after = (set(part.split()) for part in done.stdout.split("|"))
    assert not after & HEAVY
    assert "numpy" not in before, "importing the room must cost nothing until it encodes"


def test_static_is_the_built_in_model() -> None:
    encoder = encoders.load("static")
    assert isinstance(encoder, StaticEncoder)
    assert encoder.identity.name == "static"


def test_a_folder_with_a_static_model_needs_no_torch(tmp_path: Path) -> None:
    folder = str(shutil.copytree(MODEL, tmp_path / "mine"))
    encoder = encoders.load(folder)
    built_in = encoders.load("static")
    assert isinstance(encoder, StaticEncoder)
    assert encoder.identity == built_in.identity._replace(name=folder)
    assert (encoder.encode(["x = 1"]) == built_in.encode(["x = 1"])).all()


def test_without_the_extra_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(EncoderError, match=r'pip install "bugguard\[transformers\]"'):
        encoders.load("sentence-transformers/all-MiniLM-L6-v2")
