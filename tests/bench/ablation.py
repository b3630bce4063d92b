"""What each feature, channel and way of looking is worth, on labelled cases of real histories.

    python tests/bench/ablation.py LABELS ORDINARY redis=path/to/clone [NAME=PATH ...]

LABELS and ORDINARY are folders as in labelled.py. Each history is learned into a temporary index
and replayed once. Then the scores are made again without each feature, and from it and coverage
alone. The other weights stay as they are: nothing is fitted anew. Each row has a threshold of its
own, at which at most 1 in 100 of all the ordinary commits alerts. The fixes that are only offered
are ranked again by each way of looking alone, and without it; what is looked at stays the same.
Prints tables and writes them to tests/bench/results/.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bugguard.cli.replaying import labelled
from bugguard.cli.wiring import Session
from bugguard.domain import Change, Match
from bugguard.match import score
from bugguard.match.fusion import WAYS
from bugguard.match.matcher import Matcher
from bugguard.match.offers import offered
from bugguard.match.rarity import Rarity
from bugguard.patterns.extract import embedded_text
from bugguard.pipeline.check import MOST_FOR_A_HUNK
from bugguard.pipeline.labelled import HARD_NEGATIVES, Case, share
from bugguard.pipeline.refresh import build
from bugguard.pipeline.replay import Replay, Seen

HERE = Path(__file__).parent
MODEL = json.loads(Path(score.__file__).with_name("undo.json").read_text("utf-8"))
FEATURES = sorted(MODEL["weights"])
RATE = 0.01  #: most of the ordinary commits that may alert
OFFERED = 50  #: fixes

#: What counts -> the ways of looking that do.
OFFERS = {
    "all": WAYS,
    **{f"without {way}": tuple(one for one in WAYS if one != way) for way in WAYS},
    **{f"{way} alone": (way,) for way in WAYS},
}


class Hit(NamedTuple):
    """A match, as far as the order of findings needs it."""

    fix: str
    time: int  #: the fix's
    hunk: int  #: by identity
    line: int
    logit: float

    @property
    def order(self) -> tuple[float, int, str, int]:
        return (-self.logit, -self.time, self.fix, self.line)


class Looked(NamedTuple):
    """All matches of one change, before a fix is told once."""

    undone: list[Hit]
    features: NDArray[np.float64]  #: shape (undone, FEATURES)
    repeated: list[Hit]


class History(NamedTuple):
    """One replayed history."""

    cases: list[Case]
    changes: dict[str, Looked]
    ordinary: list[str]
    offers: dict[str, dict[str, list[str]]]  #: change -> what counts -> fixes, the likeliest first


class Watched(Matcher):
    """Notes every match: what is told of a fix hides what else could have been."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.undone: list[Match] = []
        self.repeated: list[Match] = []

    def _undone(self, *given: Any) -> Match | None:
        return _noted(super()._undone(*given), self.undone)

    def _repeated(self, *given: Any) -> Match | None:
        return _noted(super()._repeated(*given), self.repeated)


class Recorder(Replay):
    """Keeps what each change matches, and of the wanted ones what is offered."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.changes: dict[str, Looked] = {}
        self.offers: dict[str, dict[str, list[str]]] = {}
        self.wanted: set[str] = set()

    def look(
        self,
        change: Change,
        known: NDArray[np.bool_] | None = None,
        sha: str = "",
        offers: int = 0,
    ) -> Seen:
        matcher = Watched(self.index, self._encoder, self._edit, embedded_text, known)
        matcher.match(change)
        features = [[one.evidence.features[name] for name in FEATURES] for one in matcher.undone]
        self.changes[sha] = Looked(
            [_hit(one) for one in matcher.undone],
            np.array(features, dtype=np.float64).reshape(-1, len(FEATURES)),
            [_hit(one) for one in matcher.repeated],
        )
        if sha in self.wanted:
            self.offers[sha] = {
                name: self._offered(change, known, ways) for name, ways in OFFERS.items()
            }
        return Seen(sha, "", {}, ())

    def _offered(
        self, change: Change, known: NDArray[np.bool_] | None, ways: Iterable[str]
    ) -> list[str]:
        edits = [edit for edit in map(self._edit, change.hunks) if edit.added or edit.removed]
        edits = [edit if edit.added else replace(edit, lines=()) for edit in edits]
        rarity = Rarity(self.index)
        rarity.learn(line for edit in edits for line in edit.lines)
        found = offered(edits, self.index, rarity, self._edit, known, OFFERED, ways=ways)
        return [offer.fix.commit.sha for offer in found]


def _noted(match: Match | None, matches: list[Match]) -> Match | None:
    if match is not None:
        matches.append(match)
    return match


def _hit(match: Match) -> Hit:
    evidence = match.evidence
    logit = evidence.constant + sum(evidence.contributions.values())
    return Hit(match.fix.sha, match.fix.time, id(match.hunk), match.line, logit)


def replayed(labels: Path, ordinary: Path, given: str) -> History:
    name, _, clone = given.partition("=")
    with tempfile.TemporaryDirectory() as folder:
        session = Session.start(Path(clone), {"index": Path(folder) / "index"})
        build(session.place(), session.lesson(), session.encoder(), anew=True)
        cases = labelled(session, labels / f"{name}.jsonl", ordinary / f"{name}.txt")
        index, encoder = session.open()
        recorder = Recorder(session.git, index, encoder, session.limits)
        recorder.wanted = {case.change for case in cases.cases if case.label == "recurrence"}
        recorder.see(cases.commits)
    print(f"{name}: {len(recorder.changes)} changes", file=sys.stderr, flush=True)
    return History(list(cases.cases), recorder.changes, list(cases.ordinary), recorder.offers)


Scored = Callable[[Looked], list[Hit]]  #: what counts of a change's matches, at its score


def undone(weights: dict[str, float]) -> Scored:
    """BG001 alone, by these features."""
    row = np.array([weights.get(name, 0.0) for name in FEATURES])

    def scored(looked: Looked) -> list[Hit]:
        logits = (MODEL["constant"] + looked.features @ row).tolist()
        return [hit._replace(logit=x) for hit, x in zip(looked.undone, logits, strict=True)]

    return scored


def ranking(hits: Iterable[Hit]) -> list[Hit]:
    """Each fix once, the best first."""
    best: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda one: one.order):
        best.setdefault(hit.fix, hit)
    return list(best.values())


def reported(ranked: Sequence[Hit], limit: float) -> set[str]:
    """The fixes told above the limit, at most so many for one hunk."""
    at_hunk: Counter[int] = Counter()
    told = set()
    for hit in ranked:
        if hit.logit > limit and at_hunk[hit.hunk] < MOST_FOR_A_HUNK:
            at_hunk[hit.hunk] += 1
            told.add(hit.fix)
    return told


def measured(histories: Sequence[History], scored: Scored) -> dict[str, float]:
    """Shares, 0..1: of the undone fixes those found and reported; of all the others, reported."""
    tops = sorted(
        (
            max((hit.logit for hit in scored(one.changes[sha])), default=-math.inf)
            for one in histories
            for sha in one.ordinary
        ),
        reverse=True,
    )
    limit = tops[math.floor(RATE * len(tops))]
    ranks, found, again, alike = [], [], [], []
    for one in histories:
        for case in one.cases:
            ranked = ranking(scored(one.changes[case.change]))
            told = case.fix in reported(ranked, limit)
            if case.label == "regression":
                fixes = [hit.fix for hit in ranked]
                ranks.append(fixes.index(case.fix) if case.fix in fixes else math.inf)
                found.append(told)
            elif case.label == "recurrence":
                again.append(told)
            elif case.label in HARD_NEGATIVES:
                alike.append(told)
    return {
        "top1": share(rank < 1 for rank in ranks),
        "top3": share(rank < 3 for rank in ranks),
        "reported": share(found),
        "recurrences": share(again),
        "look-alikes": share(alike),
        "ordinary": share(top > limit for top in tops),
        "threshold": round(1 / (1 + math.exp(-limit)), 3) if limit > -math.inf else 0.0,
    }


def tables(histories: Sequence[History]) -> dict[str, dict[str, dict[str, float]]]:
    weights: dict[str, float] = MODEL["weights"]
    whole = undone(weights)
    features = {"all": whole}
    for name in FEATURES:
        features[f"without {name}"] = undone({**weights, name: 0.0})
    features["coverage alone"] = undone({"coverage": weights["coverage"]})
    for name in FEATURES:
        if name != "coverage":
            two = {"coverage": weights["coverage"], name: weights[name]}
            features[f"coverage and {name}"] = undone(two)
    channels: dict[str, Scored] = {
        "BG001 alone": whole,
        "BG002 alone": lambda looked: looked.repeated,
        "both": lambda looked: [*looked.undone, *looked.repeated],
    }
    recurring = [
        (case.fix, one.offers[case.change])
        for one in histories
        for case in one.cases
        if case.label == "recurrence"
    ]
    return {
        "features": {name: measured(histories, one) for name, one in features.items()},
        "channels": {name: measured(histories, one) for name, one in channels.items()},
        "offers": {
            name: {
                f"top{most}": share(fix in found[name][:most] for fix, found in recurring)
                for most in (3, 10, OFFERED)
            }
            for name in OFFERS
        },
    }


def counted(histories: Sequence[History]) -> dict[str, int]:
    labels = Counter(case.label for one in histories for case in one.cases)
    return {
        "regression": labels["regression"],
        "recurrence": labels["recurrence"],
        "look-alikes": sum(labels[label] for label in HARD_NEGATIVES),
        "ordinary": sum(len(one.ordinary) for one in histories),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("ordinary", type=Path)
    parser.add_argument("clones", metavar="NAME=PATH", nargs="+")
    parser.add_argument("--output", type=Path, default=HERE / "results")
    chosen = parser.parse_args()
    revision = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    with ProcessPoolExecutor(2) as pool:
        one = partial(replayed, chosen.labels, chosen.ordinary)
        histories = list(pool.map(one, chosen.clones))
    cases, found = counted(histories), tables(histories)
    result = {
        "revision": revision,
        "histories": [given.partition("=")[0] for given in chosen.clones],
        "n": cases,
        **found,
    }
    print(", ".join(f"{name} {n}" for name, n in cases.items()))
    for title, rows in found.items():
        print(f"\n{title:36}" + "".join(f"{name:>12}" for name in next(iter(rows.values()))))
        for name, row in rows.items():
            print(f"{name:36}" + "".join(f"{value:12.3f}" for value in row.values()))
    path = chosen.output / f"ablation-{revision}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
