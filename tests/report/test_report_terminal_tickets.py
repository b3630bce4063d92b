"""Tickets in columns: to the letter, within the width, and nothing that steers the terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from onscreen import seen
from rich.cells import cell_len
from strangers import TEXT

from bugguard.domain.tickets import TicketKey, TicketRecord
from bugguard.report.terminal.lines import Screen
from bugguard.report.terminal.tickets import listed

SHOP = "gitlab.example/web/shop"
LINK = "https://gitlab.example/web/shop/-/issues/12"
RECORDS = st.builds(
    TicketRecord,
    st.builds(TicketKey, TEXT, TEXT),
    st.just("import"),
    TEXT,
    url=TEXT | st.just(LINK),
    labels=st.lists(TEXT, max_size=3).map(tuple),
)


def test_tickets_stand_in_columns_below_their_project() -> None:
    title, markup = "クーポンの割引額が注文金額を超える", "[red]Fix[/red] :bug:"
    records = [
        TicketRecord(TicketKey(SHOP, "#12"), "gitlab", title, url=LINK),
        TicketRecord(TicketKey(SHOP, "#4485"), "gitlab", markup, labels=("bug", "注文")),
        TicketRecord(TicketKey("jira.example/SHOP", "SHOP-1"), "jira", "Feature"),
    ]
    kinds = ("a bug", "a bug", "nobody says")
    drawn = listed(zip(records, kinds, strict=True), Screen(50, colour=True, links=True))
    shown = seen(drawn)
    assert [line.rstrip() for line in shown.text.splitlines()] == [
        "gitlab.example/web/shop",
        "  #12    a bug  クーポンの割引額が注文金額を超える",
        "  #4485  a bug  [red]Fix[/red] :bug:  [bug, 注文]",
        "jira.example/SHOP",
        "  SHOP-1  nobody says  Feature",
    ]
    assert shown.links == [LINK]


def test_a_long_title_takes_several_lines() -> None:
    one = TicketRecord(TicketKey(SHOP, "#" + "1" * 40), "gitlab", "割引" * 50 + " words" * 20)
    drawn = listed([(one, "a bug")], Screen(60))
    assert drawn.count("割") == drawn.count("引") == 50
    assert drawn.count("words") == 20
    assert drawn.count("1") == 40


def test_no_ticket_is_no_line() -> None:
    assert listed((), Screen(60)) == ""


@given(
    st.lists(RECORDS, max_size=4),
    st.builds(Screen, st.integers(60, 200), st.booleans(), st.booleans()),
)
def test_strangers_tickets_fit_and_steer_nothing(
    records: list[TicketRecord], screen: Screen
) -> None:
    shown = seen(listed([(record, "nobody says") for record in records], screen))
    assert all(link.startswith(("http://", "https://")) for link in shown.links)
    if not screen.colour:
        assert not shown.codes
        assert not shown.links
    for line in shown.text.split("\n"):
        assert cell_len(line) <= screen.width
