"""The pages by axe-core's rules for accessibility, light and dark, on a phone and on a desk."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_html_browser import PAGES
from viewing import Viewer

pytestmark = pytest.mark.browser


EVERY_WAY = [(size, scheme) for size in ("phone", "desktop") for scheme in ("light", "dark")]


@pytest.mark.parametrize(("name", "size", "scheme"), [
    *((name, *way) for name in ("judged", "labelled") for way in EVERY_WAY),
    *((name, *way) for name in ("sample", "explained", "empty", "history", "compared")
      for way in EVERY_WAY[1:3]),
])  # fmt: skip
def test_nothing_stands_in_anybody_s_way(viewer: Viewer, name: str, size: str, scheme: str) -> None:
    with viewer.open(PAGES[name](), size, color_scheme=scheme) as opened:
        opened.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        opened.page.eval_on_selector_all(
            "article", "all => all.forEach(one => one.style.contentVisibility = 'visible')"
        )
        results = Axe().run(opened.page)
        assert results.violations_count == 0, results.generate_report()
        passed = {rule["id"] for rule in results.response["passes"]}
        assert passed >= {"color-contrast", "document-title", "html-has-lang", "region"}
