"""The manifest's text is deterministic and strictly read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st

from bugguard.errors import IndexCorruptError, PatternIndexError
from bugguard.index import write
from bugguard.index.manifest import parse_manifest

WHERE = Path("index/gen-0/manifest.json")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("index"), synthetic.knowledge(30)).to_json()


def test_it_comes_back(text: bytes) -> None:
    assert parse_manifest(text, WHERE).to_json() == text


def test_keys_are_sorted(text: bytes) -> None:
    record = json.loads(text)
    assert [*record] == sorted(record)
    assert [*record["files"]] == sorted(record["files"])


def _spoilt(record: dict[str, Any], path: tuple[str, ...], value: Any) -> bytes:
    inner = record
    for key in path[:-1]:
        if key == "provenance" and path[1] in record[key]["sources"][0]:
            inner = record[key]["sources"][0]
            continue
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(record).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 0),
        (("schema",), "1"),
        (("schema",), True),
        (("encoder",), None),
        (("encoder", "dimension"), 0),
        (("encoder", "dimension"), 1 << 40),
        (("encoder", "name"), 7),
        (("provenance", "heads"), ["--upload-pack=x"]),
        (("provenance", "heads"), "a" * 40),
        (("provenance", "since"), "yesterday"),
        (("provenance", "roots"), "a" * 40),
        (("provenance", "name"), None),
        (("provenance", "tickets"), 0),
        (("provenance", "sources"), {}),
        (("provenance", "sources"), [""]),
        (("provenance", "shard"), [3, 2]),
        (("provenance", "shard"), [0, 2]),
        (("provenance", "shard"), [True, 2]),
        (("provenance", "shard"), "1/2"),
        (("provenance", "commits"), 1.5),
        (("provenance", "revision"), "1"),
        (("provenance", "revision"), -1),
        (("counts", "active"), -1),
        (("counts", "dropped"), {"x": "y"}),
        (("files", "fixes.jsonl"), None),
        (("files", "fixes.jsonl"), {"size": -1, "sha256": ""}),
        (("files", "../../../etc/passwd"), {"size": 1, "sha256": ""}),
    ],
)
def test_what_is_malformed_is_damage(text: bytes, path: tuple[str, ...], value: object) -> None:
    with pytest.raises(IndexCorruptError, match="bugguard index build"):
        parse_manifest(_spoilt(json.loads(text), path, value), WHERE)


def test_a_missing_key_is_damage(text: bytes) -> None:
    for section in ("encoder", "provenance", "counts", "files"):
        for key in json.loads(text)[section]:
            record = json.loads(text)
            del record[section][key]
            if key == "shard":  # absent and null are one
                continue
            with pytest.raises(IndexCorruptError):
                parse_manifest(json.dumps(record).encode(), WHERE)


def test_a_missing_key_of_a_source_is_damage(text: bytes) -> None:
    for key in json.loads(text)["provenance"]["sources"][0]:
        record = json.loads(text)
        del record["provenance"]["sources"][0][key]
        if key == "since":  # absent and null are one
            continue
        with pytest.raises(IndexCorruptError):
            parse_manifest(json.dumps(record).encode(), WHERE)


@given(st.binary(max_size=60))
def test_garbage_is_damage(garbage: bytes) -> None:
    with pytest.raises(PatternIndexError):
        parse_manifest(garbage, WHERE)
