"""What is told of tickets: to the letter, and nothing that a terminal acts upon."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given
from sample_report import finding

from bugguard.domain import FixCommit, Ticket
from bugguard.domain.tickets import TicketKey, TicketRecord
from bugguard.report import text
from bugguard.report.model import IndexFacts, Report, Stats
from bugguard.report.ticketed import Coverage, coverage, covered, outcomes, row, told

HOST = "gitlab.example/web/shop"
TITLE = "クーポンの割引額が注文金額を超える 🎫"
KNOWN = Ticket("#12", TITLE, "https://gitlab.example/web/shop/-/issues/12", "gitlab: closed by !34")


def fix(*tickets: Ticket, repository: str = HOST) -> FixCommit:
    return FixCommit("5" * 40, 1, "fix", "fix\n", tickets, repository)


def record(**more: object) -> TicketRecord:
    return TicketRecord(TicketKey(HOST, "#12"), "gitlab", TITLE, **more)  # type: ignore[arg-type]


def test_a_ticket_whole() -> None:
    whole = record(
        labels=("bug", "注文 🛒"), type="incident", state="closed", resolution="moved",
        people=("田中 花子", "Ada"), confidential=True,
    )  # fmt: skip
    assert told(KNOWN, whole, "一行目\r\n\n\t二行目\n") == [
        f"ticket: #12  {TITLE}  https://gitlab.example/web/shop/-/issues/12",
        "  joined: gitlab: closed by !34",
        "  labels: bug, 注文 🛒",
        "  state: incident, closed, moved",
        "  people: 田中 花子, Ada",
        "  confidential",
        "  | 一行目",
        "  |",
        "  |     二行目",
    ]


def test_a_ticket_of_which_only_the_reference_is_known() -> None:
    assert told(Ticket("#12", "", "", "subject"), None, "") == ["ticket: #12"]
    assert told(Ticket("#12", "", "https://x.example/12", "message"), None, "") == [
        "ticket: #12  https://x.example/12"
    ]


def test_a_long_text_is_shortened_and_says_so() -> None:
    lines = told(KNOWN, record(), "\n".join(f"line {n} " + "x" * 500 for n in range(100)))
    assert lines[-1] == "  | … 88 more lines"
    assert len(lines) == 15
    assert max(map(len, lines)) < 210


ANY = st.text(st.characters())
HOSTILE = "\x1b]0;x\x07\x1b[2J\u202e\u2028\r\n\x9b"


def harmless(shown: str) -> bool:
    controls = {chr(n) for n in (*range(32), *range(127, 160))} | set("\u061c\u2028\u2029")
    controls |= {chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    return not controls & set(shown)


@given(ANY, ANY, st.lists(ANY, max_size=3), ANY, ANY)
def test_nothing_that_a_terminal_acts_upon(
    title: str, body: str, words: list[str], url: str, source: str
) -> None:
    ticket = Ticket(title + HOSTILE, title + HOSTILE, url + HOSTILE, source + HOSTILE)
    whole = record(labels=(*words, HOSTILE), people=(*words, HOSTILE), type=HOSTILE, state=title)
    assert all(map(harmless, told(ticket, whole, body + HOSTILE)))
    hostile = replace(whole, key=TicketKey(HOSTILE, HOSTILE), title=title + HOSTILE)
    assert harmless(row(hostile, "a bug").removesuffix("\n"))
    counts = covered(
        coverage([fix(ticket, repository=HOSTILE), fix(replace(ticket, source="subject"))])
    )
    assert all(map(harmless, counts.splitlines()))
    assert harmless(outcomes({source + HOSTILE: 1}, 1).removesuffix("\n"))


def test_coverage_by_source_and_by_place() -> None:
    def named(name: str) -> FixCommit:
        return fix(Ticket(name, "", "", "subject"))

    found = coverage([
        fix(KNOWN), fix(Ticket("!34", "", "", "message"), KNOWN), fix(),
        fix(replace(KNOWN, source="jira: subject")), named("#1"), named("#2"), named("!3"),
        named("SHOP-1"), named("ops/tools#4"), named("GH-5"), named("CVE-2021-1234"),
        named("https://tracker.example/issues/7"), named("https://[x/issues/7"),
    ])  # fmt: skip
    assert found == Coverage(
        {"gitlab": 2, "jira": 1},
        {HOST: 2, f"{HOST} (merge requests)": 1, "SHOP-…": 1, "ops/tools": 1, "this project": 1,
         "CVE": 1, "tracker.example": 1, "elsewhere": 1},
        1,
    )  # fmt: skip
    assert (found.with_ticket, found.fixes) == (3, 13)
    assert covered(found, 1).splitlines() == [
        "3 of 13 past fixes have a known ticket (1 until now): 2 gitlab, 1 jira",
        f"9 fixes name a ticket that is not known: 2 {HOST}, 1 {HOST} (merge requests), "
        "1 SHOP-…, 1 ops/tools, 1 this project, 3 elsewhere",
    ]
    assert covered(Coverage()) == "0 of 0 past fixes have a known ticket\n"


def test_what_came_in() -> None:
    assert outcomes({"new": 2, "changed": 0, "as before": 1}, 1) == (
        "read 3 tickets (2 new, 1 as before) and 1 link to commits and merge requests\n"
    )
    assert outcomes({"new": 0}, 0) == "read 0 tickets and 0 links to commits and merge requests\n"


def report(*tickets: Ticket, subject: str = "fix totals") -> list[str]:
    one = finding(1, subject=subject, tickets=tickets)
    whole = Report("0", IndexFacts(1, 1, "static", ""), (one,), Stats(1, 0.0))
    return text.render(whole, 60).splitlines()


def test_a_finding_shows_the_title_beside_the_ticket() -> None:
    other = Ticket("SHOP-3", "別の問題", "", "jira: subject")
    lines = report(KNOWN, Ticket("!34", "", "", "subject"), other)
    place = next(n for n, line in enumerate(lines) if line.startswith("  ticket"))
    assert lines[place : place + 2] == [f"  ticket  #12 {TITLE}", "          SHOP-3 別の問題"]
    assert lines[place - 1] == f"  {KNOWN.url}"


UNTOLD = ((), (Ticket("#12", "", "", "subject"),),
          (Ticket("#12", "fix totals", "", "gitlab: subject"),))  # fmt: skip


@pytest.mark.parametrize("tickets", UNTOLD)
def test_a_finding_without_a_title_of_its_own_shows_none(tickets: tuple[Ticket, ...]) -> None:
    assert not any(line.startswith("  ticket") for line in report(*tickets))


def test_an_endless_title_takes_three_lines() -> None:
    lines = report(replace(KNOWN, title="題" * 1_000))
    place = next(n for n, line in enumerate(lines) if line.startswith("  ticket"))
    assert lines[place + 2].endswith("…")
    assert lines[place + 3].startswith("  then")
