"""The quick tokenizer against the library, which is the judge."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bugguard.encoders.static import MODEL
from bugguard.encoders.wordpiece import WordPiece

TEXT = (MODEL / "0_StaticEmbedding" / "tokenizer.json").read_text(encoding="utf-8")
LIBRARY = Tokenizer.from_str(TEXT)
QUICK = WordPiece.read(TEXT)
CODE = st.lists(
    st.sampled_from(
        ["def", "getHTTPResponse", "XMLHttp2", "_private", "x1Y2", "for(;;){", "0xFF", "\t", "\n",
         "\r\n", " ", "!=", "a.b->c", "'quoted'", "{", "}", "\x0b", "\x7f", "zzzqqq", "A",
         "aB", "ABc"]
    )
).map("".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(CODE, st.text(string.printable), st.text(st.characters(max_codepoint=127))))
@example("")
@example("a" * 100 + " " + "b" * 101)
@example("\x00\x1c\x1d\x1e\x1f\x85"[:5])
def test_the_same_tokens_as_the_library(text: str) -> None:
    assert QUICK is not None
    assert QUICK.encode(text) == LIBRARY.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize(
    "change",
    [
        {"normalizer": None},
        {"pre_tokenizer": {"type": "Whitespace"}},
        {"added_tokens": [{"id": 0, "content": "[PAD]"}]},
        {"truncation": {"max_length": 8}},
        {"model": {"type": "BPE"}},
        {"model": None},
    ],
)
def test_another_tokenizer_is_left_to_the_library(change: dict[str, object]) -> None:
    assert WordPiece.read(json.dumps(json.loads(TEXT) | change)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"vocab": ["[UNK]"]},
        {"vocab": {}},
        {"vocab": {"[UNK]": "0"}},
        {"vocab": {"[UNK]": 0, "a": 1.0}},
        {"vocab": {"[UNK]": 0, "a": True}},
        {"vocab": {"[UNK]": 0, "a": -1}},
        {"vocab": {"[UNK]": 0, "a": 1 << 31}},
        {"vocab": {"a": 0}},
        {"max_input_chars_per_word": "100"},
        {"max_input_chars_per_word": 1.5},
        {"max_input_chars_per_word": True},
        {"max_input_chars_per_word": -1},
        {"max_input_chars_per_word": None},
    ],
)
def test_a_model_of_wrong_types_is_left_to_the_library(change: dict[str, object]) -> None:
    described = json.loads(TEXT)
    described["model"] |= change
    assert WordPiece.read(json.dumps(described)) is None


def test_text_that_is_nested_without_end_is_left_to_the_library() -> None:
    assert WordPiece.read("[" * 100_000 + "]" * 100_000) is None
