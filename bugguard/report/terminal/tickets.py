"""The known tickets on a terminal, by project."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bugguard.domain.tickets import TicketRecord
from bugguard.report.terminal import links
from bugguard.report.terminal.lines import Screen, composed, joined, shown

_NAME = 24  #: columns of a ticket's name, which people keep short


def listed(records: Iterable[tuple[TicketRecord, str]], screen: Screen) -> str:
    """Tickets with their kinds, those of a project together, in lines that fit the screen."""
    parts: list[RenderableType] = []
    for project, of_it in groupby(records, key=lambda one: one[0].key.project):
        table = Table.grid(padding=(0, 2))
        table.add_column(max_width=_NAME, overflow="fold")
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for record, kind in of_it:
            table.add_row(*_row(record, kind, screen))
        parts += [joined(shown(project, "strong"), Text("\n")), Padding(table, (0, 0, 0, 2))]
    return composed(parts, screen)


def _row(record: TicketRecord, kind: str, screen: Screen) -> Iterable[Text]:
    link = links.web(record.url) if screen.linking else ""
    yield shown(record.key.id, "strong", link)
    yield shown(kind, "dim")
    labels = f"  [{', '.join(record.labels)}]" if record.labels else ""
    yield joined(shown(record.title), shown(labels, "dim"))
