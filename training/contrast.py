"""Contrastive training of the token vectors: siblings nearer, all other hunks further off."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from histories import FixHunk, siblings
from numpy.typing import NDArray
from static_model import Table
from tokenizers import Tokenizer
from torch.nn import functional

Ids = NDArray[np.int64]
Pairs = list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how hard to train."""

    epochs: int = 30
    batch: int = 256  #: pairs, each of another commit, so that no negative is a sibling
    rate: float = 1e-2  #: Adam's learning rate, falling to 0
    scale: float = 20.0  #: cosines are multiplied by this before the softmax
    dropout: float = 0.2  #: share of a text's tokens left out at random
    seed: int = 7


def sibling_texts(hunks: list[FixHunk]) -> Pairs:
    """The pre-images of sibling hunks, a list of pairs per commit."""
    commits: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for i, j in siblings(hunks):
        if hunks[i].text.split() != hunks[j].text.split():
            commits[hunks[i].commit].append((hunks[i].text, hunks[j].text))
    return list(commits.values())


def train(table: Table, tokenizer: Tokenizer, pairs: Pairs, schedule: Schedule) -> Table:
    """A copy of ``table`` after training (InfoNCE over both directions of each pair)."""
    torch.manual_seed(schedule.seed)
    picker = random.Random(schedule.seed)  # noqa: S311
    dice = np.random.default_rng(schedule.seed)
    ids = {
        text: np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int64)
        for group in pairs
        for pair in group
        for text in pair
    }
    # The unknown token, the first, is no part of a mean and stays zero.
    bag = torch.nn.EmbeddingBag.from_pretrained(torch.tensor(table), freeze=False, padding_idx=0)
    optimiser = torch.optim.Adam(bag.parameters(), lr=schedule.rate)
    steps = schedule.epochs * (len(pairs) // schedule.batch)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, total_iters=steps)
    for _ in range(schedule.epochs):
        chosen = [picker.choice(group) for group in picker.sample(pairs, len(pairs))]
        for start in range(0, len(chosen) - schedule.batch + 1, schedule.batch):
            batch = chosen[start : start + schedule.batch]
            left, right = (
                _embed(bag, [_thinned(ids[pair[side]], dice, schedule.dropout) for pair in batch])
                for side in (0, 1)
            )
            cosine = left @ right.T * schedule.scale
            own = torch.arange(len(batch))
            loss = functional.cross_entropy(cosine, own) + functional.cross_entropy(cosine.T, own)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            falling.step()
        print(f"loss {loss.item():.3f}", flush=True)
    return np.asarray(bag.weight.detach().numpy(), dtype=np.float32)


def _thinned(ids: Ids, dice: np.random.Generator, dropout: float) -> Ids:
    kept = ids[dice.random(len(ids)) >= dropout]
    return kept if len(kept) else ids


def _embed(bag: torch.nn.EmbeddingBag, texts: Sequence[Ids]) -> torch.Tensor:
    offsets = torch.tensor(np.cumsum([0, *map(len, texts[:-1])]))
    return functional.normalize(bag(torch.tensor(np.concatenate(texts)), offsets))
