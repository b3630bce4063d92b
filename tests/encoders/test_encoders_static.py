"""The built-in encoder: its vectors are the library's own, and nothing makes it stumble."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from bugguard.encoders.static import MODEL, StaticEncoder
from bugguard.encoders.texts import MAX_CHARACTERS
from bugguard.errors import EncoderError

RECORDED = json.loads((Path(__file__).parent / "recorded_vectors.json").read_text(encoding="utf-8"))
TEXTS = [
    "def healthHeaders(self, max_fails=None):\n    return self._headers or {}\n",
    "for (size_t i = 0; i <= len; i++) { total += values[i]; }",
    'if err != nil {\n\treturn fmt.Errorf("read: %w", err)\n}',
    "const url = `${base}/${encodeURIComponent(id)}`; // naïve café",
    "let v: Vec<u8> = iter.map(|x| x?).collect::<Result<_, _>>()?;",
    "public static <T extends Comparable<? super T>> void sort(List<T> list) {}",
    "<?php echo $user->name ?? 'nobody'; ?>",
    "# 例外を握りつぶさないこと。ログに残して再送出する",
    "// ファイルが無い場合は空の辞書を返す\r\n",
    "// проверка границ массива; 배열 범위 검사; فحص الحدود",
    "🐛🔥 fix ✅ → x²  \u200b\ufeff end",
    "e\u0301 \x00 \x1b[31m \ud7ff \ufffd \U0010ffff",
    "a" * 5000,
    "",
    "   \n\t",
]
WORDS = " ".join(TEXTS).split(" ")
# Not one line repeated: the library adds up single precision numbers token by token, so that its
# own rounding passes 1e-5 where 40,000 tokens pull the same way.
LONG = " ".join(random.Random(1).choices(WORDS, k=30_000))[:100_000]


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder(MODEL, "static")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the built-in model, to be damaged."""
    return Path(shutil.copytree(MODEL, tmp_path / "model"))


def weights(folder: Path) -> Path:
    return folder / "0_StaticEmbedding" / "model.safetensors"


def test_vectors_are_those_that_sentence_transformers_gave(encoder: StaticEncoder) -> None:
    vectors = encoder.encode([entry["text"] for entry in RECORDED])
    expected = np.array([entry["vector"] for entry in RECORDED])
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_vectors_equal_sentence_transformers(encoder: StaticEncoder) -> None:
    library = pytest.importorskip(
        "sentence_transformers", reason='needs pip install "bugguard[transformers]"'
    )
    texts = [*TEXTS, LONG]
    assert len(LONG) == 100_000
    theirs = library.SentenceTransformer(str(MODEL), device="cpu").encode(texts)
    np.testing.assert_allclose(encoder.encode(texts), theirs, atol=1e-5)


def test_vectors_are_unit_float32(encoder: StaticEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.identity.dimension)
    norms = np.linalg.norm(vectors, axis=1)
    blank = [not text.strip() for text in TEXTS]
    np.testing.assert_array_equal(norms[blank], 0)
    known = [any(c.isascii() and c.isalnum() for c in text) for text in TEXTS]
    known[TEXTS.index("a" * 5000)] = False  # one word too long to be cut into tokens
    np.testing.assert_allclose(norms[known], 1, atol=1e-5)


def test_a_text_without_known_tokens_is_zero(encoder: StaticEncoder) -> None:
    assert not encoder.encode(["\U0001f9ff \U0001f9ff"]).any()


def test_no_texts_give_no_vectors(encoder: StaticEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.identity.dimension)


@given(texts=st.lists(st.text(st.characters()), min_size=1, max_size=5))
@settings(deadline=None)
def test_a_vector_does_not_depend_on_its_batch(encoder: StaticEncoder, texts: list[str]) -> None:
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_more_texts_than_a_batch_keep_their_order(encoder: StaticEncoder) -> None:
    texts = [f"value {i}" for i in range(700)]
    vectors = encoder.encode(texts)
    for i in (0, 255, 256, 511, 512, 699):
        np.testing.assert_array_equal(vectors[i], encoder.encode([texts[i]])[0])


def test_bytes_that_are_no_text_are_passed_over(encoder: StaticEncoder) -> None:
    escaped = b"x = caf\xe9 + 1 \xff\xfe".decode("utf-8", "surrogateescape")
    np.testing.assert_array_equal(encoder.encode([escaped]), encoder.encode(["x = caf + 1"]))


def test_only_the_beginning_of_an_endless_text_counts(encoder: StaticEncoder) -> None:
    start = "x = 1;\n" * (MAX_CHARACTERS // 7 + 1)
    endless = start[:MAX_CHARACTERS] + " return never_seen" * 1000
    np.testing.assert_array_equal(encoder.encode([endless]), encoder.encode([start]))


def test_camel_case_and_snake_case_are_alike(encoder: StaticEncoder) -> None:
    camel, snake, other = encoder.encode(["healthHeaders", "health_headers", "free(buffer)"])
    assert camel @ snake > 0.9
    assert camel @ snake > camel @ other


def test_rare_kanji_tell_texts_apart(encoder: StaticEncoder) -> None:
    one, alike, other = encoder.encode(["鍵の破棄漏れ", "鍵の破棄", "署名の検証"])
    assert one @ alike > one @ other


def test_identity_names_the_weights(encoder: StaticEncoder) -> None:
    digest = hashlib.sha256(weights(MODEL).read_bytes()).hexdigest()
    assert encoder.identity == ("static", digest, 128)


def test_the_record_of_how_it_was_made_is_of_these_weights(encoder: StaticEncoder) -> None:
    readme = Path(__file__).parents[2] / "training" / "README.md"
    assert encoder.identity.revision in readme.read_text(encoding="utf-8")


def test_the_model_is_small_and_licensed() -> None:
    files = [file for file in MODEL.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 8_000_000
    licence = (MODEL / "LICENSE").read_text(encoding="utf-8")
    assert "all-MiniLM-L6-v2" in licence
    assert "Apache License" in licence


def test_half_precision_weights_are_read(encoder: StaticEncoder, broken: Path) -> None:
    table = safetensors.numpy.load_file(weights(broken))["embedding.weight"]
    safetensors.numpy.save_file({"embedding.weight": table.astype(np.float16)}, weights(broken))
    half = StaticEncoder(broken, "half").encode(TEXTS)
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, encoder.encode(TEXTS), atol=1e-5)


@pytest.mark.parametrize("keep", [0, 7, 8, 60, 5000, 7_000_000])
def test_truncated_weights_are_refused(broken: Path, keep: int) -> None:
    weights(broken).write_bytes(weights(MODEL).read_bytes()[:keep])
    with pytest.raises(EncoderError, match=r"model\.safetensors cannot be read .*reinstall"):
        StaticEncoder(broken, "broken")


@pytest.mark.parametrize(
    "tensors",
    [
        {"other": np.zeros((3, 2), np.float32)},
        {"embedding.weight": np.zeros(3, np.float32)},
        {"embedding.weight": np.zeros((3, 0), np.float32)},
        {"embedding.weight": np.zeros((3, 2), np.int64)},
    ],
    ids=["other name", "one axis", "no dimension", "integers"],
)
def test_weights_of_another_kind_are_refused(
    broken: Path, tensors: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]
) -> None:
    safetensors.numpy.save_file(tensors, weights(broken))
    with pytest.raises(EncoderError, match=r"model\.safetensors cannot be read"):
        StaticEncoder(broken, "broken")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_no_numbers_are_refused(broken: Path, value: float) -> None:
    shape = safetensors.numpy.load_file(weights(broken))["embedding.weight"].shape
    safetensors.numpy.save_file(
        {"embedding.weight": np.full(shape, value, np.float32)}, weights(broken)
    )
    with pytest.raises(EncoderError, match="values that are no numbers"):
        StaticEncoder(broken, "broken").encode(["def function(argument): return argument"])


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"model": null}'])
def test_a_damaged_tokenizer_is_refused(broken: Path, content: bytes) -> None:
    (broken / "0_StaticEmbedding" / "tokenizer.json").write_bytes(content)
    with pytest.raises(EncoderError, match=r"tokenizer\.json cannot be read"):
        StaticEncoder(broken, "broken").encode(["x"])


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(broken: Path, name: str) -> None:
    (broken / "0_StaticEmbedding" / name).unlink()
    with pytest.raises(EncoderError, match=name):
        StaticEncoder(broken, "broken").encode(["x"])


def test_tokens_without_a_vector_are_refused(broken: Path) -> None:
    table = safetensors.numpy.load_file(weights(broken))["embedding.weight"]
    safetensors.numpy.save_file({"embedding.weight": table[:10].copy()}, weights(broken))
    with pytest.raises(EncoderError, match="do not belong together"):
        StaticEncoder(broken, "broken").encode(["def function(argument): return argument"])


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="there is no model in"):
        StaticEncoder(tmp_path, "empty")
