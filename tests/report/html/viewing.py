"""A page in a browser, and what the browser has to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"phone": (360, 740), "desktop": (1280, 800)}


@dataclass
class Opened:
    """A page, and what the browser had to say of it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def visible(self, selector: str = "article.finding") -> list[str]:
        """The ids of what is shown, wherever the window is scrolled to."""
        shown: list[str] = self.page.eval_on_selector_all(
            selector, "all => all.filter(one => one.checkVisibility()).map(one => one.id)"
        )
        return shown

    def wait(self, condition: str) -> None:
        """Until a JavaScript expression is true. Playwright's own way the page's policy forbids."""
        for _ in range(200):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"it never came to {condition}")

    def has_focus(self) -> str:
        """The id of what has the focus."""
        id_: str = self.page.evaluate("document.activeElement.id")
        return id_


class Viewer:
    """Opens pages, each in a browser that has seen nothing yet."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder

    @contextmanager
    def open(
        self, html: str, size: str = "desktop", place: str = "", **options: Any
    ) -> Iterator[Opened]:
        """Nothing may be complained of in the end, and nothing fetched but the page itself."""
        file = self._folder / "a page.html"
        file.write_text(html, "utf-8")
        width, height = SIZES[size]
        context = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        opened = Opened(context.new_page())
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.goto(file.as_uri() + place)
        try:
            yield opened
        finally:
            context.close()
        assert opened.complaints == []
        assert opened.requests == [file.as_uri()]
