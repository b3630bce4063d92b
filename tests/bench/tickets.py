"""How long it takes to take in 100,000 tickets and to join them to 20,000 fixes, and what memory.

    python tests/bench/tickets.py

Each step is a process of its own, so that its peak is its own. Prints a table and writes it to
tests/bench/results/. Fails where the join takes more than 30 s or 500 MB.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

from bugguard.history.tickets import Remote, TicketRules
from bugguard.pipeline.leads import Leads
from bugguard.pipeline.tickets import Join
from bugguard.tickets.imports import Notes, read
from bugguard.tickets.imports.record import Context
from bugguard.tickets.intake import Taken
from bugguard.tickets.kinds import KindRules
from bugguard.tickets.store import Store

HERE = Path(__file__).parent
TICKETS, FIXES = 100_000, 20_000
SECONDS, MEGABYTES = 30.0, 500.0
HOST = "gitlab.example/web/shop"
TEXT = "注文の合計が一円ずれる。再現手順は以下のとおり。\n" * 20  # some 2 KB, as issues are

#: As fixes are written: half name their issue, a quarter their merge request, a quarter nothing.
MESSAGES = (
    "fix: totals were wrong (#{n})\n\nA longer story of what was wrong and why.\n" + "why\n" * 20,
    "合計の不具合を修正\n\nSee merge request web/shop!{m}\n",
    "Fix crash in the reader\n\nCloses #{n}, refs #{o} and SHOP-{n}\n",
    "Fix leak in the parser\n\n" + "More words that name nothing at all.\n" * 20,
)


def sha(number: int) -> str:
    return sha1(str(number).encode(), usedforsecurity=False).hexdigest()


def tickets() -> Iterator[str]:
    """JSON Lines: every issue is closed by a merge request, and every second commit is known."""
    for n in range(1, TICKETS + 1):
        request = f"closed by !{n + TICKETS}"
        links = [{"commit": "", "why": request}]
        if n % 2:
            links.append({"commit": sha(n), "why": request})
        yield json.dumps({
            "id": f"#{n}", "title": f"合計が合わない 🐛 {n}", "text": TEXT, "project": HOST,
            "labels": ["bug" if n % 3 else "機能要望", "注文"], "people": ["田中", "Ada"],
            "updated": 1_600_000_000 + n, "state": "closed", "links": links,
        })  # fmt: skip


def fixes() -> Iterator[tuple[str, str]]:
    for n in range(1, FIXES + 1):
        number = n * (TICKETS // FIXES)
        text = MESSAGES[n % len(MESSAGES)]
        yield sha(number), text.format(n=number, o=number - 1, m=number + TICKETS)


def load(folder: Path) -> dict[str, object]:
    """Takes the file in."""
    taken = Taken()
    with Store.open(folder / "tickets.sqlite3", write=True) as store, store.changing():
        for row in read(folder / "tickets.jsonl", "", Context(), Notes()):
            assert row.tracked is not None, row
            taken.put(store, row.tracked, confidential=False, synced=False)
    return {"tickets": taken.seen, "links": taken.links}


def join(folder: Path) -> dict[str, object]:
    """Joins every fix."""
    remote = Remote.parse("git@gitlab.example:web/shop.git")
    store = Store.open(folder / "tickets.sqlite3")
    kinds = KindRules(("bug",), ("機能要望",))
    joined = Join(Leads(store, remote), TicketRules(), kinds)
    digest = joined.digest
    known = sum(
        any(one.record for one in joined.tickets(name, message)) for name, message in fixes()
    )
    return {"fixes": FIXES, "with_ticket": known, "digest": digest}


def digest(folder: Path) -> dict[str, object]:
    """What learning pays for to know whether the tickets are others."""
    return {"digest": Store.open(folder / "tickets.sqlite3").digest()}


STEPS = {"load": load, "join": join, "digest": digest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.step:
        started = time.perf_counter()
        told = STEPS[asked.step](asked.folder)
        seconds = time.perf_counter() - started
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(told | {"seconds": round(seconds, 2), "megabytes": round(megabytes, 1)}))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "tickets.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in tickets())
        rows = {step: run(step, folder) for step in STEPS}
        size = (folder / "tickets.sqlite3").stat().st_size / 1e6
    for step, row in rows.items():
        print(f"{step:8} {row['seconds']:8.2f} s {row['megabytes']:8.1f} MB  {row}")
    print(f"database {size:8.1f} MB")
    revision = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    result = {"python": platform.python_version(), "database_mb": round(size, 1), "steps": rows}
    out = HERE / "results" / f"tickets-{revision}.json"
    out.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    print(f"written to {out}")
    if rows["join"]["seconds"] > SECONDS or rows["join"]["megabytes"] > MEGABYTES:
        sys.exit(f"the join takes more than {SECONDS:g} s or {MEGABYTES:g} MB")


def run(step: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
