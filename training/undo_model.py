"""Fits the weights of BG001's score on pairs that were read by hand.

    python training/undo_model.py [--history hugo=PATH/TO/CLONE ...]

``undo_pairs.jsonl`` has pairs of a fix and a later change that took some of it back, mined from
public histories by :mod:`bugguard.pipeline.mined` and by the matcher, each read and labelled. With
``--history`` their features are measured anew, each change as of its own past (by time). Then the
weights are fitted near a prior (:data:`PRIOR`: what a study of 323 other pairs found), for few
pairs are harmful, and written to ``bugguard/match/undo.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
PAIRS = HERE / "undo_pairs.jsonl"
WEIGHTS = HERE.parent / "bugguard" / "match" / "undo.json"

#: In logits. Signs and rough sizes are the study's; where it is silent, 0.
PRIOR = {
    "coverage": 3.5, "similarity": 0.8, "restored": 1.5, "slight": -1.0, "slight_addition": -1.0,
    "kept": -1.0, "context_gone": -3.0, "new": -0.8, "new_beside_addition": -0.8,
    "elsewhere": -0.5, "small_fix": 0.4, "large_change": -0.5, "old": -0.3, "says_fix": 0.3,
    "ticket": 0.2, "weak": -1.2, "feature": -0.4, "reverts": 1.5,
    "excused": -1.5, "same_subject": -2.0,
}  # fmt: skip
CONSTANT = -2.7
STRENGTHS = (10.0, 30.0, 100.0, 300.0, 1000.0, 10000.0)  #: of the prior, tried in this order
MARGIN = 0.01  #: of loss: as good as the best; then the stronger prior is the safer


def measure(name: str, path: Path, pairs: list[dict[str, Any]], folder: Path) -> None:
    """Writes the features of each pair of the history into it; those never compared have none."""
    from bugguard.cli.wiring import Session
    from bugguard.domain import Change, Rule
    from bugguard.history import log
    from bugguard.match.matcher import Matcher
    from bugguard.patterns.extract import embedded_text
    from bugguard.patterns.normalize import edit
    from bugguard.pipeline.refresh import build

    session = Session.start(path, {"index": folder / name})
    build(session.place(), session.lesson(), session.encoder(), anew=True)
    index, encoder = session.open()
    matchable = index.matchable()
    changes = sorted({pair["change"] for pair in pairs})
    for commit in log.read(session.git, changes, session.limits):
        if isinstance(commit, log.Unread):
            raise SystemExit(f"{name} has no {commit.sha}: {commit.reason}")
        known = matchable & (index.times < commit.time)
        change = Change(commit.sha, commit.files, commit.message, None, commit.time)
        found = {
            match.fix.sha: match.evidence.features
            for match in Matcher(index, encoder, edit, embedded_text, known).match(change)
            if match.rule is Rule.FIX_UNDONE
        }
        for pair in pairs:
            if pair["change"] == commit.sha:
                features = found.get(pair["fix"])
                pair["features"] = features and {
                    name: round(value, 3) for name, value in features.items()
                }


def fit(x: Floats, y: Floats, w: Floats, prior: Floats, strength: float) -> Floats:
    """Logistic regression by Newton's method, with a Gaussian prior around ``prior``.

    x: shape (pairs, features + 1), the last column ones for the constant, which is held a tenth as
    firmly. w: how many pairs each stands for.
    """
    theta = prior.copy()
    ridge = strength * np.append(np.var(x[:, :-1], axis=0) + 0.02, 0.01)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ theta, -30, 30)))
        gradient = x.T @ (w * (p - y)) + ridge * (theta - prior)
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        theta = theta - step
        if np.abs(step).max() < 1e-6:
            break
    return theta


def loss(logits: Floats, y: Floats, w: Floats) -> float:
    """Mean log loss, in nats."""
    return float((w * (np.logaddexp(0, logits) - y * logits)).sum() / w.sum())


def train(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """The weights, with the loss on each history when it is left out, by strength of the prior."""
    names = sorted(pairs[0]["features"])
    x = np.array([[*(pair["features"][name] for name in names), 1.0] for pair in pairs])
    y = np.array([float(pair["label"] == "regression") for pair in pairs])
    # Rare strata were sampled more densely; the root keeps one pair from deciding for hundreds.
    w = np.sqrt([pair["stands_for"] for pair in pairs])
    prior = np.array([*(PRIOR.get(name, 0.0) for name in names), CONSTANT])
    history = np.array([pair["repo"] for pair in pairs])
    losses = {}
    for strength in STRENGTHS:
        logits = np.zeros(len(pairs))
        for name in set(history.tolist()):
            here = history == name
            logits[here] = x[here] @ fit(x[~here], y[~here], w[~here], prior, strength)
        losses[strength] = round(loss(logits, y, w), 4)
    best = max(one for one in STRENGTHS if losses[one] <= min(losses.values()) + MARGIN)
    theta = fit(x, y, w, prior, best)
    return {
        "pairs": len(pairs),
        "harmful": int(y.sum()),
        "loss of the prior alone": round(loss(x @ prior, y, w), 4),
        "loss, history left out, by strength of the prior": losses,
        "strength": best,
        "constant": round(float(theta[-1]), 2),
        "weights": {name: round(float(value), 2) for name, value in zip(names, theta)},  # noqa: B905
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--history", metavar="NAME=PATH", action="append", default=[])
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    chosen = parser.parse_args()
    pairs = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        for given in chosen.history:
            name, _, path = given.partition("=")
            mine = [pair for pair in pairs if pair["repo"].endswith(f"/{name}")]
            measure(name, Path(path), mine, Path(folder))
            print(f"{name}: {sum(bool(pair['features']) for pair in mine)} of {len(mine)} compared")
    if chosen.history:
        PAIRS.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), "utf-8")
    trained = train([pair for pair in pairs if pair["features"] and pair["label"] != "doubtful"])
    chosen.output.write_text(json.dumps(trained, indent=1) + "\n", "utf-8")
    print(json.dumps(trained, indent=1))


if __name__ == "__main__":
    main()
