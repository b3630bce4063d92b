"""Rules come back by their rarest token, and only they do."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import synthetic

from bugguard.domain.edit import token_feature
from bugguard.errors import IndexCorruptError
from bugguard.index import load, open_index, write

KNOWLEDGE = synthetic.knowledge(200, dimension=4)


def features(*tokens: str) -> np.ndarray:
    return np.array([token_feature(token) for token in tokens], np.uint64)


def test_by_their_rarest_token(tmp_path: Path) -> None:
    write(tmp_path, KNOWLEDGE)
    index = open_index(tmp_path)
    expected = [rule for rule in KNOWLEDGE.rules if rule.trigger[0] in ("word2", "word5")]
    assert expected
    assert index.rules(features("word5", "nowhere", "word2"), 10**6) == expected
    # The others of a trigger, and guards, find nothing.
    assert index.rules(features("日本語", "mend"), 10**6) == []
    assert index.rules(features(), 10**6) == []
    assert [*index.all_rules()] == [*KNOWLEDGE.rules]


def test_a_token_of_too_many_rules_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, KNOWLEDGE)
    index = open_index(tmp_path)
    many = len(index.rules(features("word2"), 10**6))
    assert len(index.rules(features("word2"), many)) == many
    assert index.rules(features("word2"), many - 1) == []


@pytest.mark.parametrize(
    "rules",
    [
        KNOWLEDGE.rules[::-1],
        (dataclasses.replace(KNOWLEDGE.rules[0], pattern=200),),
        (dataclasses.replace(KNOWLEDGE.rules[0], trigger=()),),
        KNOWLEDGE.rules[:1] * 2,
    ],
)
def test_broken_rules_are_never_written(tmp_path: Path, rules: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="rule"):
        write(tmp_path, dataclasses.replace(KNOWLEDGE, rules=rules))
    assert list(tmp_path.iterdir()) == []


def test_a_broken_sample_is_never_written(tmp_path: Path) -> None:
    sample = dataclasses.replace(KNOWLEDGE.sample, added=KNOWLEDGE.sample.added[:-1])
    with pytest.raises(ValueError, match="sample"):
        write(tmp_path, dataclasses.replace(KNOWLEDGE, sample=sample))


def test_an_index_from_before_there_were_rules_is_to_be_built_again(tmp_path: Path) -> None:
    write(tmp_path, KNOWLEDGE)
    [folder] = tmp_path.glob("gen-*")
    manifest = json.dumps({"schema": 1}).encode()
    (folder / "manifest.json").write_bytes(manifest)
    digest = hashlib.sha256(manifest).hexdigest()
    folder.rename(tmp_path / f"gen-{digest[:16]}")
    (tmp_path / "CURRENT").write_bytes(f"gen-{digest[:16]} {digest}\n".encode())
    for read in (open_index, load):
        with pytest.raises(IndexCorruptError, match=r"older bugguard: run `bugguard index build`"):
            read(tmp_path)
