"""Whether a search finds the past fix that a question was made from.

    python tests/bench/search.py caddy=path/to/clone [NAME=PATH ...] [--questions 150]

Each clone's history is learned into a temporary index. Questions of five kinds are made from its
fixes, and what a question was made from is hidden from the search where that would answer it:

    told      the message's body, asked of an index that knows subjects (and code) alone
    subject   the other way round
    code      five lines of the buggy side
    renamed   the same with half of its names exchanged
    names     two rare names of what was changed

Prints for each kind how often the fix is among the first 1, 3 and 10, by words alone (which is what
`bugguard search` does) and by words and the encoder's vectors, their reciprocal ranks summed; and
how long it takes. Writes it to tests/bench/results/.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bugguard.config import Settings
from bugguard.domain import LearnedFix
from bugguard.domain.edit import CODE_WORD, token_feature
from bugguard.encoders import load
from bugguard.index import StoredIndex, open_index
from bugguard.match.words import words
from bugguard.patterns.extract import embedded_text
from bugguard.pipeline.search import PastBugs

HERE = Path(__file__).parent
BUGGUARD = str(Path(sys.executable).with_name("bugguard"))
TRAILER = re.compile(r"^[\w-]+(-by|-Id|-on|-Test|-to)\s*:", re.IGNORECASE)
NUMBER = re.compile(r"\(?#\d+\)?")
BESIDE = 2  #: lines of code above a change, and its line and as many below
WORDS = 8  #: a body of fewer says nothing
FUSION = 20  #: as in match.fusion

Question = tuple[int, str]  #: the fix's number, and what is asked


class Silent:
    """An index whose fixes' messages say less."""

    def __init__(self, index: StoredIndex, keep: Callable[[str], str]) -> None:
        self._index = index
        self._keep = keep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def fix(self, number: int) -> LearnedFix:
        fix = self._index.fix(number)
        said = self._keep(fix.commit.message)
        return replace(fix, commit=replace(fix.commit, message=said, subject=said))


def subject(message: str) -> str:
    return message.partition("\n")[0]


def body(message: str) -> str:
    return "\n".join(line for line in message.split("\n")[1:] if not TRAILER.match(line)).strip()


def questions(
    fixes: list[LearnedFix], rarity: Callable[[str], int], chance: random.Random
) -> dict[str, list[Question]]:
    made: dict[str, list[Question]] = defaultdict(list)
    for number, fix in enumerate(fixes):
        if not fix.offerable:
            continue
        said = fix.commit.message
        if len(list(words(body(said)))) >= WORDS:
            made["told"].append((number, body(said)[:300]))
        if len(list(words(subject(said)))) >= WORDS // 2:
            made["subject"].append((number, NUMBER.sub("", subject(said))))
        hunk = chance.choice(fix.offerable).hunk
        code = "\n".join(snippet(hunk.body))
        if len(CODE_WORD.findall(code)) >= 6:
            made["code"].append((number, code))
            made["renamed"].append((number, renamed(code, chance)))
        changed = "\n".join(line[1:] for line in hunk.body if line[0] != " ")
        names = sorted({name for name in CODE_WORD.findall(changed) if len(name) > 5})
        if names:
            made["names"].append((number, " ".join(sorted(names, key=rarity)[:2])))
    return made


def snippet(lines: tuple[str, ...]) -> list[str]:
    first = next(place for place, line in enumerate(lines) if line[0] != " ")
    start = sum(line[0] != "+" for line in lines[:first])
    before = [line[1:] for line in lines if line[0] != "+"]
    return before[max(0, start - BESIDE) : start + BESIDE + 1]


def renamed(code: str, chance: random.Random) -> str:
    names = sorted(set(CODE_WORD.findall(code)))
    other = {name: f"other{place}" for place, name in enumerate(names) if chance.random() < 0.5}
    return CODE_WORD.sub(lambda found: other.get(found[0], found[0]), code)


def by_vectors(index: StoredIndex) -> Callable[[str], list[int]]:
    encoder = load(Settings().encoder)

    def nearest(asked: str) -> list[int]:
        vector = encoder.encode([embedded_text(tuple(asked.split("\n")))])
        patterns = index.nearest(vector, 50).pattern[0]
        numbers = index.fix_numbers(patterns[patterns >= 0]).tolist()
        return list(dict.fromkeys(numbers))

    return nearest


def fused(*lists: list[int]) -> list[int]:
    sums: dict[int, float] = defaultdict(float)
    for one in lists:
        for rank, number in enumerate(one, 1):
            sums[number] += 1 / (FUSION + rank)
    return sorted(sums, key=lambda number: (-sums[number], number))


def measure(name: str, index: StoredIndex, most: int) -> Iterator[dict[str, Any]]:
    fixes = [index.fix(number) for number in range(len(index.times))]
    started = time.perf_counter()
    whole = PastBugs(index)
    seconds = time.perf_counter() - started
    print(f"{name}: {len(fixes)} fixes read in {seconds:.2f} s")
    numbers = {fix.commit.sha: number for number, fix in enumerate(fixes)}
    silent = {
        "told": PastBugs(Silent(index, subject)),
        "subject": PastBugs(Silent(index, body)),
    }
    nearest = by_vectors(index)

    def rarity(word: str) -> int:
        return int(index.frequency(np.array([token_feature(word)], dtype=np.uint64))[0])

    chance = random.Random(7)
    for kind, made in questions(fixes, rarity, chance).items():
        past, took = silent.get(kind, whole), []
        ranks: dict[str, list[int]] = {"words": [], "words and vectors": []}
        for number, asked in chance.sample(made, min(most, len(made))):
            started = time.perf_counter()
            past.search(asked, 10)  # as many as are listed where nobody says how many
            took.append(time.perf_counter() - started)
            found = [numbers[one.fix.commit.sha] for one in past.search(asked, 50)]
            for way, listed in zip(ranks, (found, fused(found, nearest(asked))), strict=True):
                ranks[way].append(listed.index(number) if number in listed else 50)
        for way, places in ranks.items():
            row: dict[str, Any] = {"history": name, "kind": kind, "by": way, "n": len(places)}
            for top in (1, 3, 10):
                row[f"top{top}"] = round(sum(one < top for one in places) / len(places), 3)
            if way == "words":
                row["median_ms"] = round(1000 * statistics.median(took), 1)
            yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("clones", metavar="NAME=PATH", nargs="+")
    parser.add_argument("--questions", type=int, default=150, help="of each kind")
    chosen = parser.parse_args()
    rows = []
    for given in chosen.clones:
        name, _, path = given.partition("=")
        with tempfile.TemporaryDirectory() as folder:
            build = [BUGGUARD, "index", "build", "--repo", path, "--output", folder + "/index"]
            subprocess.run(build, check=True, capture_output=True)
            index = open_index(Path(folder) / "index")
            for row in measure(name, index, chosen.questions):
                rows.append(row)
                print("  " + ", ".join(f"{key} {value}" for key, value in row.items()))
    revision = subprocess.run(
        ["git", "-C", str(HERE), "rev-parse", "--short=10", "HEAD"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    result = HERE / "results" / f"search-{revision}.json"
    result.write_text(json.dumps({"revision": revision, "rows": rows}, indent=1) + "\n")
    print(f"written to {result}")


if __name__ == "__main__":
    main()
