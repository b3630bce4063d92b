"""What a model folder says of itself is believed only as far as it is harmless."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugguard.encoders.layout import is_static, modules
from bugguard.encoders.static import MODEL
from bugguard.errors import EncoderError

STATIC = "sentence_transformers.models.StaticEmbedding"
NORMALIZE = "sentence_transformers.models.Normalize"
JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "path"]), inner),
)


def describe(folder: Path, *steps: tuple[str, str]) -> Path:
    entries = [{"type": kind, "path": path} for kind, path in steps]
    (folder / "modules.json").write_text(json.dumps(entries), encoding="utf-8")
    return folder


def test_the_built_in_model_is_static() -> None:
    assert is_static(MODEL)
    assert [m.folder.name for m in modules(MODEL)] == ["0_StaticEmbedding", "1_Normalize"]


def test_a_folder_without_a_description_has_no_modules(tmp_path: Path) -> None:
    assert modules(tmp_path) == []
    assert not is_static(tmp_path)


@pytest.mark.parametrize(
    ("types", "static"),
    [
        ([STATIC], True),
        ([STATIC, NORMALIZE], True),
        (["sentence_transformers.sentence_transformer.modules.StaticEmbedding"], True),
        ([STATIC, "sentence_transformers.models.Dense"], False),
        (["sentence_transformers.models.Transformer", NORMALIZE], False),
        ([], False),
    ],
)
def test_static_is_a_table_and_nothing_more(tmp_path: Path, types: list[str], static: bool) -> None:
    describe(tmp_path, *((kind, str(i)) for i, kind in enumerate(types)))
    assert is_static(tmp_path) == static


def test_a_module_may_be_at_the_top(tmp_path: Path) -> None:
    assert modules(describe(tmp_path, (STATIC, "")))[0].folder == tmp_path


@pytest.mark.parametrize("path", ["/etc", "../other", "a/../../b", "..\\other", "C:\\x", "C:x"])
def test_a_module_outside_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(EncoderError, match="outside the model's folder"):
        modules(describe(tmp_path, (STATIC, path)))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"1", b"null", b"[1]", b'[{"type": "x"}]', b"\xff", b"[" * 200_000]
)
def test_a_damaged_description_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "modules.json").write_bytes(content)
    with pytest.raises(EncoderError, match=r"modules\.json cannot be read"):
        modules(tmp_path)


@given(value=JSON)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_description_is_read_or_refused(tmp_path: Path, value: object) -> None:
    (tmp_path / "modules.json").write_text(json.dumps(value), encoding="utf-8")
    try:
        steps = modules(tmp_path)
    except EncoderError:
        return
    assert all(step.folder.is_relative_to(tmp_path) for step in steps)
