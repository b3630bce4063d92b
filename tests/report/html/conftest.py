"""Pages in a real headless Chromium: Debian's, driven by playwright, one for a module's tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from viewing import Viewer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: It is to ask nobody anything by itself, and to run as root in a container.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


# Not of a session: while playwright runs, no other test of its process may run a loop of its own.
@pytest.fixture(scope="module")
def _browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("there is no Chromium here: `apt-get install chromium`, and run this again")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def viewer(_browser: Browser, tmp_path: Path) -> Viewer:
    """Chromium, to open pages in."""
    return Viewer(_browser, tmp_path)
