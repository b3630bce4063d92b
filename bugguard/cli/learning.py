"""What ``init`` and ``index`` share: learn with progress, and say what was learned."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from bugguard.cli import console
from bugguard.cli.options import load_settings
from bugguard.cli.wiring import Session
from bugguard.domain.provenance import Shard
from bugguard.pipeline import refresh
from bugguard.report.escape import terminal
from bugguard.report.learned import summary


def learn_now(sessions: Sequence[Session], *, anew: bool, shard: Shard | None = None) -> str:
    """Builds (anew) or updates the index; returns what to tell. Raises BugguardError.

    sessions: whose histories to learn; the first one says where the index is, and the encoder.
    shard: only that part of them.
    """
    session, *others = sessions
    started = time.perf_counter()
    with console.progress("reading commits") as progress:
        encoder = session.encoder(download=True)
        learned = refresh.build(
            session.place(others), session.lesson(named=bool(others)), encoder, anew=anew,
            progress=progress, shard=shard,
        )  # fmt: skip
    seconds = time.perf_counter() - started
    told = "" if shard is None else f"shard {shard} of a whole: "
    told += summary(
        learned.knowledge, learned.read, learned.forgotten, learned.rebuilt, seconds,
        learned.untaught,
    )  # fmt: skip
    return told + _passing(session)


def _passing(session: Session) -> str:
    """How to keep the flags that the next update would not know of."""
    given = {name: session.flags.get(name) for name in ("learn.since", "learn.branch", "encoder")}
    if not any(given.values()):
        return ""
    kept = load_settings(session.git, {}).settings
    lasting = {"learn.since": kept.learn.since, "learn.branch": kept.learn.branch,
               "encoder": kept.encoder}  # fmt: skip
    lines = []
    for name, value in given.items():
        if value is not None and value != lasting[name]:
            group, _, key = name.rpartition(".")
            # JSON's strings are TOML's too.
            setting = terminal(f"{key} = {json.dumps(value, ensure_ascii=False)}")
            under = f" under [{group}]" if group else ""
            lines.append(
                f"this holds until the next update: to keep it, set `{setting}`{under} in "
                ".bugguard.toml\n"
            )
    return "".join(lines)
