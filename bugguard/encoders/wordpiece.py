"""The built-in model's tokenizer for plain ASCII text, which most code is.

The tokenizers library takes longer to load than everything else that a commit waits for. Where a
model's ``tokenizer.json`` says exactly what the built-in one says, ASCII text needs no more than
this: words split at camelCase humps, lower case, then the longest pieces of the vocabulary first
(WordPiece: Wu et al., "Google's Neural Machine Translation System", 2016, as BERT uses it). Any
other text or tokenizer goes through the library; tests hold the two equal.
"""

from __future__ import annotations

import json
import re
from typing import Any

_HUMPS = "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
_SETTINGS: dict[str, Any] = {
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": {
        "type": "Sequence",
        "normalizers": [
            {"type": "Replace", "pattern": {"Regex": _HUMPS}, "content": " "},
            {
                "type": "BertNormalizer",
                "clean_text": True,
                "handle_chinese_chars": True,
                "strip_accents": None,
                "lowercase": True,
            },
        ],
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
}
_MODEL = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##"}

_BETWEEN = re.compile(_HUMPS)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")


class WordPiece:
    """Token ids of ASCII text."""

    def __init__(self, vocabulary: dict[str, int], longest: int) -> None:
        self._vocabulary = vocabulary
        self._unknown = vocabulary["[UNK]"]
        self._longest = longest  #: characters; a longer word is unknown
        self._words: dict[str, list[int]] = {}

    @classmethod
    def read(cls, text: str) -> WordPiece | None:
        """The tokenizer that ``tokenizer.json`` describes, if it is one like ours.

        Raises ValueError for text that is no JSON.
        """
        try:
            described: Any = json.loads(text)
            model = described["model"]
            alike = all(described[name] == value for name, value in _SETTINGS.items())
            if not alike or not all(model[name] == value for name, value in _MODEL.items()):
                return None
            vocabulary, longest = model["vocab"], model["max_input_chars_per_word"]
            fits = _is_vocabulary(vocabulary) and type(longest) is int and longest >= 0
            return cls(vocabulary, longest) if fits else None
        except (KeyError, TypeError, RecursionError):
            return None

    def encode(self, text: str) -> list[int]:
        """Ids of the tokens; ``text`` has to be ASCII."""
        plain = _CONTROL.sub("", _BETWEEN.sub(" ", text)).lower()
        ids: list[int] = []
        for word in _WORD.findall(plain):
            known = self._words.get(word)
            if known is None:
                known = self._words[word] = self._pieces(word)
            ids += known
        return ids

    def _pieces(self, word: str) -> list[int]:
        if len(word) > self._longest:
            return [self._unknown]
        ids = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                found = self._vocabulary.get(prefix + word[start:end])
                if found is not None:
                    ids.append(found)
                    start = end
                    break
            else:
                return [self._unknown]  # one piece that is not known makes the word unknown
        return ids


def _is_vocabulary(value: object) -> bool:
    """Whether it is tokens to ids; a bool is no id, although Python counts it among the ints."""
    if not isinstance(value, dict) or set(map(type, value.values())) != {int}:
        return False
    return bool(min(value.values()) >= 0 and max(value.values()) < 1 << 31)
