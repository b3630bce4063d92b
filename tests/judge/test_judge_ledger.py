"""What judging may cost: in a run, in a month, and among processes that know only the file."""

from __future__ import annotations

import errno
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.errors import ConfigError
from bugguard.judge.asking.ledger import Bounds, Ledger, Prices, Reservation
from bugguard.judge.asking.months import Months, Sums

NOVEMBER = 1_795_000_000.0  # 2026-11-18
MONTH = 30 * 86_400.0
FREE = Prices({})
LARGE = 1_000_000


def ledger(
    bounds: Bounds, file: Path | None = None, prices: Prices = FREE, now: float = NOVEMBER
) -> Ledger:
    return Ledger(bounds, file, prices, "m", now=lambda: now)


def monthly(file: Path, tokens: int, now: float = NOVEMBER) -> Ledger:
    return ledger(Bounds(LARGE, LARGE, monthly_tokens=tokens), file, now=now)


def granted(given: Reservation | str) -> Reservation:
    assert isinstance(given, Reservation), given
    return given


def kept(file: Path) -> dict[str, dict[str, float]]:
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["version"] == 1
    months: dict[str, dict[str, float]] = data["months"]
    return months


def test_calls_of_a_run_are_bounded() -> None:
    account = ledger(Bounds(calls=2, tokens=LARGE))
    for _ in range(2):
        account.settle(granted(account.reserve(10, 10)), 1, 1)
    assert account.reserve(10, 10) == "has used up its 2 calls for this run"
    assert (account.calls, account.tokens_in, account.tokens_out) == (2, 2, 2)


def test_no_calls_are_none() -> None:
    assert ledger(Bounds(0, LARGE)).reserve(1, 1) == "has used up its 0 calls for this run"


def test_what_is_under_way_counts_against_the_tokens_of_a_run() -> None:
    account = ledger(Bounds(LARGE, tokens=1_000))
    first = granted(account.reserve(500, 100))
    assert account.reserve(301, 100) == "would pass its 1,000 tokens for this run"
    second = granted(account.reserve(300, 100))
    account.settle(first, 100, 50)
    account.settle(second, 100, 50)
    granted(account.reserve(600, 100))
    assert account.tokens_in + account.tokens_out == 300


def test_settling_twice_counts_once() -> None:
    account = ledger(Bounds(9, LARGE))
    one = granted(account.reserve(10, 10))
    account.settle(one, 3, 4)
    account.settle(one, 3, 4)
    account.forgive(one)
    assert (account.calls, account.tokens_in, account.tokens_out) == (1, 3, 4)


def test_what_is_forgiven_uses_up_nothing_but_was_sent(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    account = ledger(Bounds(1, 100, monthly_tokens=100), file)
    account.forgive(granted(account.reserve(50, 50)))
    granted(account.reserve(50, 50))
    assert account.calls == 2
    assert kept(file) == {"2026-11": {"calls": 1, "tokens": 100, "cost": 0.0}}


def test_a_month_is_shared_and_bounded(tmp_path: Path) -> None:
    file = tmp_path / "made" / "on the way" / "budget.json"
    one, other = monthly(file, 1_000), monthly(file, 1_000)
    first = granted(one.reserve(500, 100))
    assert other.reserve(400, 1) == "would pass the monthly budget of 1,000 tokens"
    granted(other.reserve(399, 1))
    one.settle(first, 100, 0)
    assert kept(file) == {"2026-11": {"calls": 2, "tokens": 500, "cost": 0.0}}
    granted(one.reserve(500, 0))
    assert isinstance(monthly(file, 1_000).reserve(0, 1), str)
    assert isinstance(monthly(file, 1_001).reserve(0, 1), Reservation)


def test_a_refusal_leaves_the_month_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    granted(monthly(file, 100).reserve(50, 0))
    before = file.read_bytes()
    assert isinstance(monthly(file, 100).reserve(51, 0), str)
    assert file.read_bytes() == before


def test_a_new_month_begins_at_nothing(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    granted(monthly(file, 100).reserve(100, 0))
    granted(monthly(file, 100, NOVEMBER + MONTH).reserve(100, 0))
    assert [*kept(file)] == ["2026-11", "2026-12"]


def test_a_reservation_is_settled_in_its_own_month(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    clock = [NOVEMBER]
    bounds = Bounds(LARGE, LARGE, monthly_tokens=1_000)
    account = Ledger(bounds, file, FREE, "m", now=lambda: clock[0])
    one = granted(account.reserve(100, 0))
    clock[0] += MONTH
    account.settle(one, 30, 5)
    assert kept(file) == {"2026-11": {"calls": 1, "tokens": 35, "cost": 0.0}}


def test_the_last_twelve_months_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    for turn in range(15):
        granted(monthly(file, 100, NOVEMBER + turn * 31 * 86_400).reserve(1, 0))
    assert len(kept(file)) == 12
    assert max(kept(file)) == "2028-01"


def test_a_clock_that_was_wrong_does_not_make_this_month_free(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    months = {f"2099-{month:02}": Sums(1, 1)._asdict() for month in range(1, 13)}
    file.write_text(json.dumps({"version": 1, "months": months}), encoding="utf-8")
    granted(monthly(file, 100).reserve(60, 0))
    assert isinstance(monthly(file, 100).reserve(60, 0), str)


def test_a_cost_is_bounded_by_the_prices(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    prices = Prices.parse(["m 1 10"])
    account = ledger(Bounds(LARGE, LARGE * 9, monthly_cost=5.0), file, prices)
    one = granted(account.reserve(1_000_000, 400_000))
    assert account.reserve(1, 0) == "would pass the monthly budget of 5"
    account.settle(one, 500_000, 100_000)
    assert account.cost == 1.5
    assert kept(file)["2026-11"] == {"calls": 1, "tokens": 600_000, "cost": 1.5}
    granted(account.reserve(3_500_000, 0))


def test_no_cost_is_bounded_without_a_price(tmp_path: Path) -> None:
    prices = Prices.parse(["other 1 1"])
    file = tmp_path / "budget.json"
    account = ledger(Bounds(9, LARGE, monthly_cost=5.0), file, prices)
    refused = account.reserve(1, 1)
    assert refused == "has no price for m, which a monthly cost needs (judge.prices)"
    assert account.cost is None
    granted(ledger(Bounds(9, LARGE, monthly_tokens=5), file, prices).reserve(1, 1))


def test_a_monthly_bound_wants_a_file() -> None:
    refused = ledger(Bounds(9, LARGE, monthly_tokens=5)).reserve(1, 1)
    assert refused == "has a monthly budget and no file to keep it in"


def test_without_a_monthly_bound_the_file_only_counts(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    account = ledger(Bounds(9, LARGE), file)
    one = granted(account.reserve(100, 100))
    assert not file.exists()
    account.settle(one, 20, 3)
    assert kept(file) == {"2026-11": {"calls": 1, "tokens": 23, "cost": 0.0}}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is damaged"),
        (b"{", "is damaged"),
        (b'{"version": 1, "mon', "is damaged"),
        (b"null", "is damaged"),
        (b"[]", "is damaged"),
        (b'{"months": {}}', "is damaged"),
        (b'{"version": 0, "months": {}}', "is damaged"),
        (b'{"version": "1", "months": {}}', "is damaged"),
        (b'{"version": 1, "months": []}', "is damaged"),
        (b'{"version": 1, "months": {"2026-11": 3}}', "is damaged"),
        (b'{"version": 1, "months": {"2026-11": {"tokens": 3}}}', "is damaged"),
        (b'{"version":1,"months":{"2026-11":{"calls":1,"tokens":-1,"cost":0}}}', "is damaged"),
        (b'{"version":1,"months":{"2026-11":{"calls":1,"tokens":1e99,"cost":0}}}', "is damaged"),
        (b'{"version":1,"months":{"2026-11":{"calls":1,"tokens":true,"cost":0}}}', "is damaged"),
        (b'{"version":1,"months":{"2026-11":{"calls":1,"tokens":1,"cost":NaN}}}', "is damaged"),
        (b'{"version":1,"months":{"now":{"calls":1,"tokens":1,"cost":0}}}', "is damaged"),
        (b"[" * 90_000, "is damaged"),
        (b"\xff\xfe\x00", "is damaged"),
        (b" " * 100_001, "is too large"),
        (b'{"version": 2, "sums": {}}', "was written by a newer bugguard"),
    ],
)
def test_no_money_is_spent_in_the_dark(tmp_path: Path, data: bytes, says: str) -> None:
    file = tmp_path / "budget.json"
    file.write_bytes(data)
    refused = monthly(file, LARGE).reserve(1, 1)
    assert isinstance(refused, str)
    assert refused.startswith(f"cannot keep to its monthly budget: {file} {says}")
    assert "\n" not in refused
    assert file.read_bytes() == data  # nothing of it is lost

    account = ledger(Bounds(9, LARGE), file)  # where nothing depends on it
    account.settle(granted(account.reserve(1, 1)), 1, 1)
    assert account.calls == 1


def place_folder(file: Path) -> None:
    file.mkdir()


def place_pipe(file: Path) -> None:
    os.mkfifo(file)


def place_link(file: Path) -> None:
    file.symlink_to(file.parent / "elsewhere.json")


def place_lock_link(file: Path) -> None:
    file.with_name("budget.json.lock").symlink_to(file.parent / "precious")


def place_folder_for_new(file: Path) -> None:
    file.with_name("budget.json.new").mkdir()


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (place_folder, "is no regular file"),
        (place_pipe, "is no regular file"),
        (place_link, "is no regular file"),
        (place_lock_link, "has a lock file that is a symbolic link"),
        (place_folder_for_new, "cannot be written"),
    ],
)
def test_what_is_no_file_of_ours_is_left_alone(
    tmp_path: Path, place: Callable[[Path], None], says: str
) -> None:
    file = tmp_path / "budget.json"
    (tmp_path / "precious").write_text("kept", encoding="utf-8")
    place(file)
    refused = monthly(file, LARGE).reserve(1, 1)
    assert isinstance(refused, str)
    assert f"{file} {says}" in refused
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "kept"
    assert not (tmp_path / "elsewhere.json").exists()
    granted(ledger(Bounds(9, LARGE), file).reserve(1, 1))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = monthly(tmp_path / "file" / "budget.json", LARGE).reserve(1, 1)
    assert isinstance(refused, str)
    assert "cannot be locked" in refused
    assert isinstance(monthly(Path("/"), LARGE).reserve(1, 1), str)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "budget.json"
    account = monthly(file, LARGE)
    one = granted(account.reserve(70, 0))
    before = file.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    refused = account.reserve(1, 1)
    assert isinstance(refused, str)
    assert "cannot be written (No space left on device)" in refused
    account.settle(one, 1, 1)  # too late to be kept: the reservation stands
    assert file.read_bytes() == before
    monkeypatch.undo()
    granted(account.reserve(30, 0))
    assert kept(file)["2026-11"]["tokens"] == 100


def test_a_name_that_steers_terminals_is_shown_without(tmp_path: Path) -> None:
    file = tmp_path / "bud\x1b[31mget\n.json"
    file.write_bytes(b"x")
    refused = monthly(file, LARGE).reserve(1, 1)
    assert isinstance(refused, str)
    assert refused.isprintable()


SPENDER = """
import pathlib, sys
from bugguard.judge.asking.ledger import Bounds, Ledger, Prices, Reservation
file, budget, turns = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
settled = sys.argv[4] == "settled"
ledger = Ledger(Bounds(10**6, 10**9, monthly_tokens=budget), file, Prices({}), "m", lambda: 1.795e9)
print("ready", flush=True)
sys.stdin.readline()
got = 0
for _ in range(turns):
    given = ledger.reserve(80, 20, within=60)
    if isinstance(given, Reservation):
        got += 1
        if settled:
            ledger.settle(given, 5, 5, within=60)
    elif "would pass" not in given:
        sys.exit(given)
print(got, flush=True)
"""
HOLDER = """
import pathlib, sys
from bugguard.judge.asking.months import Months
with Months(pathlib.Path(sys.argv[1])).held(5):
    print("ready", flush=True)
    sys.stdin.read()
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Run ``script`` and wait until it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def spend(file: Path, budget: int, turns: int, how: str) -> list[int]:
    """What each of four processes was granted that spend at the same time."""
    spenders = [start(SPENDER, file, budget, turns, how) for _ in range(4)]
    for each in spenders:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    outputs = [each.communicate()[0] for each in spenders]
    assert [each.returncode for each in spenders] == [0, 0, 0, 0]
    return [int(output) for output in outputs]


def test_processes_at_once_stay_within_the_month(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    got = spend(file, budget=5_050, turns=25, how="open")
    assert sum(got) == 50
    assert kept(file) == {"2026-11": {"calls": 50, "tokens": 5_000, "cost": 0.0}}


def test_processes_at_once_lose_nothing_of_what_they_spent(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    assert spend(file, budget=10**9, turns=20, how="settled") == [20, 20, 20, 20]
    assert kept(file) == {"2026-11": {"calls": 80, "tokens": 800, "cost": 0.0}}


def test_a_process_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    moments = random.Random(4)
    tokens = 0
    for _ in range(8):
        spender = start(SPENDER, file, 10**9, 100_000, "open")
        assert spender.stdin is not None
        spender.stdin.write("go\n")
        spender.stdin.flush()
        time.sleep(moments.random() * 0.1)
        spender.kill()
        spender.communicate()
        granted(monthly(file, 10**9).reserve(1, 0))  # the lock is free
        assert kept(file)["2026-11"]["tokens"] > tokens
        tokens = int(kept(file)["2026-11"]["tokens"])
    assert {path.name for path in tmp_path.iterdir()} <= {"budget.json", "budget.json.lock"}


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
def test_a_process_that_hangs_is_waited_for_once(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    holder = start(HOLDER, file)
    try:
        holder.send_signal(signal.SIGSTOP)
        account = monthly(file, LARGE)
        began = time.monotonic()
        refused = account.reserve(1, 1, within=0.3)
        assert isinstance(refused, str)
        assert "is held by another process" in refused
        assert time.monotonic() - began < 10
        began = time.monotonic()
        assert account.reserve(1, 1, within=60) == refused  # at once
        assert time.monotonic() - began < 30

        free = ledger(Bounds(9, LARGE), file)
        free.settle(granted(free.reserve(1, 1)), 1, 1)
    finally:
        holder.send_signal(signal.SIGCONT)
        holder.communicate()
    granted(monthly(file, LARGE).reserve(1, 1))


def test_the_lock_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    holder = start(HOLDER, file)
    release = threading.Timer(0.3, holder.communicate)
    release.start()
    granted(monthly(file, LARGE).reserve(1, 1, within=30))
    release.join()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    months = Months(tmp_path / "budget.json")
    with months.held(1) as sums:
        assert sums == {}
        months.write({"2026-11": Sums(1, 2, 3.5)}, "2026-11")
    with months.held(1) as sums:
        assert sums == {"2026-11": Sums(1, 2, 3.5)}


def test_prices_are_of_a_million_tokens() -> None:
    prices = Prices.parse(["small 0.15 0.6", "  large\t3   15 ", "* 0 1"])
    assert prices.cost("small", 1_000_000, 1_000_000) == pytest.approx(0.75)
    assert prices.cost("large", 2_000, 1_000) == pytest.approx(0.021)
    assert prices.cost("small-2026", 5, 1_000_000) == 1  # no other name begins like it
    assert Prices.parse(["small 1 2"]).cost("small-2026", 5, 5) is None
    assert Prices.parse(["free 0 0"]).cost("free", 5, 5) == 0
    assert Prices.parse([]).cost("small", 5, 5) is None


@pytest.mark.parametrize(
    "line",
    ["", "m", "m 1", "m 1 2 3", "m -1 2", "m 1 -0.1", "m nan 1", "m 1 inf", "m 1,5 2", "1 2 m"],
)
def test_what_is_no_price_is_said(line: str) -> None:
    with pytest.raises(ConfigError, match=r"^judge\.prices: .* is no price; write"):
        Prices.parse(["good 1 2", line])


def test_two_prices_of_one_model_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match="'m' has two prices"):
        Prices.parse(["m 1 2", "m 1 3"])


@given(st.lists(st.text(st.characters(exclude_categories=[])) | st.from_regex(r"\S+ \S+ \S+")))
def test_any_lines_are_prices_or_a_sentence(lines: list[str]) -> None:
    with suppress(ConfigError):
        cost = Prices.parse(lines).cost("m", 1, 1)
        assert cost is None or 0 <= cost < math.inf


@given(
    st.integers(0, 5),
    st.integers(0, 500),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(0, 3))),
)
def test_no_order_of_events_passes_the_bounds(
    calls: int, tokens: int, events: list[tuple[int, int, int]]
) -> None:
    account = ledger(Bounds(calls, tokens))
    under_way: list[Reservation] = []
    forgiven = 0
    for tokens_in, tokens_out, what in events:
        if what < 2 or not under_way:
            made = account.reserve(tokens_in, tokens_out)
            under_way += [made] if isinstance(made, Reservation) else []
        elif what == 2:
            one = under_way.pop(0)
            account.settle(one, min(tokens_in, one.tokens_in), min(tokens_out, one.tokens_out))
        else:
            account.forgive(under_way.pop())
            forgiven += 1
        held = sum(each.tokens_in + each.tokens_out for each in under_way)
        assert account.tokens_in + account.tokens_out + held <= tokens
        assert account.calls - forgiven <= calls
