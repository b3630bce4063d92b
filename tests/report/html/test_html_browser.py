"""The pages in a real browser: what is shown, what can be reached, and that nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from evaluations import compared, history, labelled
from sample_report import empty, explained, finding, judged, sample
from strangers import many
from viewing import Opened, Viewer

from bugguard.report import html
from bugguard.report.html import evaluated
from bugguard.report.model import Report

pytestmark = pytest.mark.browser

PAGES: dict[str, Callable[[], str]] = {
    "sample": lambda: html.render(sample()),
    "judged": lambda: html.render(judged()),
    "explained": lambda: html.render(explained()),
    "empty": lambda: html.render(empty()),
    "history": lambda: evaluated.render(history()),
    "labelled": lambda: evaluated.render(labelled()),
    "compared": lambda: evaluated.render(compared()),
}
SAMPLE = [f"{number:016x}" for number in (5, 2, 3, 4, 1, 6, 7, 8, 9, 10)]

every_page = pytest.mark.parametrize("name", PAGES)


def press(opened: Opened, *keys: str) -> None:
    for key in keys:
        opened.page.keyboard.press(key)


def reach(opened: Opened, id_: str) -> None:
    """With the Tab key alone."""
    for _ in range(60):
        if opened.has_focus() == id_:
            return
        press(opened, "Tab")
    pytest.fail(f"the keyboard does not reach {id_}")


def status(opened: Opened) -> str:
    return opened.page.get_by_role("status").inner_text()


@every_page
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_page_never_scrolls_sideways(viewer: Viewer, name: str, size: str) -> None:
    with viewer.open(PAGES[name](), size) as opened:
        opened.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        opened.page.eval_on_selector_all(
            "article", "all => all.forEach(one => one.style.contentVisibility = 'visible')"
        )
        wide = opened.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= opened.page.viewport_size["width"]  # type: ignore[index]


def test_long_code_scrolls_in_its_own_box(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"](), "phone") as opened:
        box = opened.page.locator("article").first.locator("pre").first
        assert box.evaluate("one => one.scrollWidth > one.clientWidth")
        assert box.get_attribute("tabindex") == "0"
        box.focus()
        press(opened, "ArrowRight", "ArrowRight")
        opened.wait("document.activeElement.scrollLeft > 0")


def test_code_that_fits_is_no_stop_of_the_keyboard(viewer: Viewer) -> None:
    with viewer.open(PAGES["judged"]()) as opened:
        first = opened.page.locator("article").first.locator("pre").first
        opened.wait("!document.querySelector('article pre').hasAttribute('tabindex')")
        assert first.get_attribute("tabindex") is None


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
@pytest.mark.parametrize("name", ["sample", "labelled"])
def test_it_is_dark_where_that_is_wanted(
    viewer: Viewer, name: str, scheme: str, dark: bool
) -> None:
    with viewer.open(PAGES[name](), color_scheme=scheme) as opened:
        colours = opened.page.evaluate(
            "['background-color', 'color'].map("
            "name => getComputedStyle(document.documentElement).getPropertyValue(name))"
        )
        ground, ink = (sum(map(int, one[4:-1].split(","))) for one in colours)
        assert (ground < 100, ink > 600) == (dark, dark)


@every_page
def test_without_javascript_all_is_shown_and_no_filter(viewer: Viewer, name: str) -> None:
    with viewer.open(PAGES[name](), java_script_enabled=False) as opened:
        for selector in ("article", "tr[data-words]"):
            assert all(one.is_visible() for one in opened.page.locator(selector).all())
        assert not any(one.is_visible() for one in opened.page.locator("#filter").all())
        assert opened.page.get_by_role("status").all_inner_texts() in ([], [""])


def test_without_javascript_what_is_folded_opens(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"](), java_script_enabled=False) as opened:
        folded = opened.page.locator("details.code").first
        assert not folded.locator(".three").is_visible()
        folded.locator("summary").first.press("Enter")
        assert folded.locator(".three").is_visible()


def test_filters_work_by_keyboard_and_say_what_is_left(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        assert opened.visible() == SAMPLE
        assert status(opened) == "10 of 10 shown"
        reach(opened, "by-path")
        opened.page.keyboard.type("GUARD")
        assert opened.visible() == [SAMPLE[2], SAMPLE[3]]
        assert status(opened) == "2 of 10 shown"
        reach(opened, "by-words")
        opened.page.keyboard.type("null deref")
        assert opened.visible() == [SAMPLE[2]]
        assert not opened.page.get_by_role("heading", name="Muted").is_visible()
        reach(opened, "clear")
        press(opened, "Enter")
        assert opened.visible() == SAMPLE
        assert opened.page.locator("#by-path").input_value() == ""


@pytest.mark.parametrize(("words", "found"), [
    ("#4485", [SAMPLE[0]]), ("proj-12", [SAMPLE[4]]), ("端数がずれる", [SAMPLE[4]]),
    ("3" * 40, [SAMPLE[2]]), ("nothing like it", []),
])  # fmt: skip
def test_a_ticket_or_a_fix_can_be_looked_for(viewer: Viewer, words: str, found: list[str]) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        opened.page.get_by_label("Ticket or fix").fill(words)
        assert opened.visible() == found
        assert status(opened) == f"{len(found)} of 10 shown"


def test_a_rule_can_be_left_out(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        opened.page.get_by_label("BG002").focus()
        press(opened, "Space")
        assert opened.visible() == [SAMPLE[1], SAMPLE[2]]


def test_the_surest_can_be_first(viewer: Viewer) -> None:
    with viewer.open(html.render(many(5))) as opened:
        by_path = [f"{number:016x}" for number in range(5)]
        assert opened.visible() == by_path
        opened.page.get_by_label("Order").select_option("the surest first")
        assert opened.visible() == [by_path[place] for place in (2, 4, 3, 1, 0)]
        opened.page.locator(f"[id='{by_path[2]}']").focus()
        press(opened, "j")
        assert opened.has_focus() == by_path[4]
        opened.page.get_by_label("Order").select_option("by path")
        assert opened.visible() == by_path


def test_a_repository_can_be_chosen(viewer: Viewer) -> None:
    some = (finding(1, repository="a/till"), finding(2), finding(3, repository="b/web"))
    with viewer.open(html.render(replace(empty(), findings=some))) as opened:
        opened.page.get_by_label("Repository").select_option("b/web")
        assert opened.visible() == [some[2].fingerprint]


def test_rows_of_an_evaluation_can_be_filtered(viewer: Viewer) -> None:
    with viewer.open(PAGES["labelled"]()) as opened:
        opened.page.get_by_label("missed").uncheck()
        assert status(opened) == "5 of 7 shown"
        opened.page.get_by_label("Commit, label or words").fill("ordinary")
        assert status(opened) == "1 of 7 shown"
        rows = opened.page.locator("tr[data-words]")
        assert sum(one.is_visible() for one in rows.all()) == 1


@pytest.mark.parametrize("number", [3, 8])  # a finding, and one whose code is folded
def test_a_permalink_leads_to_its_finding(viewer: Viewer, number: int) -> None:
    id_ = f"{number:016x}"
    with viewer.open(PAGES["sample"](), "phone", place=f"#{id_}") as opened:
        assert opened.has_focus() == id_
        assert opened.page.locator(f"[id='{id_}']").evaluate(
            "one => { const box = one.getBoundingClientRect();"
            " return box.top < innerHeight && box.bottom > 0; }"
        )


def test_a_permalink_reaches_what_a_filter_hides(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        opened.page.get_by_label("Ticket or fix").fill("#4485")
        assert opened.visible() == [SAMPLE[0]]
        opened.page.evaluate(f"location.hash = '{SAMPLE[3]}'")
        opened.wait(f"document.activeElement.id === '{SAMPLE[3]}'")
        assert opened.visible() == SAMPLE


def test_the_past_fixes_lead_to_their_findings(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        dots = opened.page.get_by_role("group", name="Past fixes by date").get_by_role("link")
        assert dots.count() == 5
        dots.last.focus()
        press(opened, "Enter")
        opened.wait(f"document.activeElement.id === '{SAMPLE[0]}'")


def test_a_past_fix_in_the_folded_list_can_be_linked_to(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"](), place="#fix-2") as opened:
        assert opened.has_focus() == "fix-2"
        assert opened.visible("li[id]") == [f"fix-{n}" for n in range(1, 6)]


def test_j_and_k_lead_on_and_back_within_the_findings_alone(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"](), place=f"#{SAMPLE[0]}") as opened:
        press(opened, "j", "j")
        assert opened.has_focus() == SAMPLE[2]
        press(opened, "k")
        assert opened.has_focus() == SAMPLE[1]
        opened.page.locator("#by-path").fill("guard")
        press(opened, "j")
        assert opened.page.locator("#by-path").input_value() == "guardj"


def test_the_first_stop_of_the_keyboard_skips_to_the_content(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        press(opened, "Tab")
        skip = opened.page.get_by_role("link", name="Skip to the content")
        assert skip.evaluate("one => one === document.activeElement")
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert skip.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        press(opened, "Enter")
        assert opened.has_focus() == "main"


@every_page
def test_what_is_printed_hides_nothing(viewer: Viewer, name: str) -> None:
    with viewer.open(PAGES[name]()) as opened:
        if opened.page.locator("#by-words").count():
            opened.page.locator("#by-words").fill("nothing like it")
        opened.page.emulate_media(media="print")
        opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        for selector in ("article", "pre", "tr", "section"):
            count = opened.page.locator(selector).count()
            assert len(opened.visible(selector)) == count
        assert opened.visible("#filter") == []
        opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert opened.page.locator("details[open]:not(#filter)").count() == 0


def test_paper_is_white_in_the_dark_too(viewer: Viewer) -> None:
    with viewer.open(PAGES["judged"](), color_scheme="dark") as opened:
        opened.page.emulate_media(media="print", color_scheme="dark")
        for selector in ("html", "article", ".judge"):
            colour = opened.page.locator(selector).first.evaluate(
                "one => getComputedStyle(one).backgroundColor"
            )
            assert sum(map(int, colour[4:-1].split(","))) > 600, selector


def test_the_policy_is_in_force(viewer: Viewer) -> None:
    with viewer.open(PAGES["sample"]()) as opened:
        blocked = opened.page.evaluate(
            """async () => {
                const blocked = [];
                addEventListener("securitypolicyviolation", (event) =>
                    blocked.push(event.effectiveDirective));
                document.body.append(document.createElement("style"));
                document.body.lastChild.textContent = "body { color: red }";
                document.body.setAttribute("onclick", "0");
                document.body.setAttribute("style", "color: red");
                document.body.append(new Image());
                document.body.lastChild.src = "http://127.0.0.1:9/x.png";
                await new Promise((done) => setTimeout(done, 50));
                return [...new Set(blocked)].sort();
            }"""
        )
        assert blocked == ["img-src", "script-src-attr", "style-src-attr", "style-src-elem"]
        opened.complaints.clear()  # these we asked for
        del opened.requests[1:]  # and this, which was never sent


def test_ten_thousand_findings_can_be_used(viewer: Viewer) -> None:
    with viewer.open(html.render(many(10_000)), "phone") as opened:
        opened.page.locator("#filter summary").click()
        opened.page.locator("#by-path").fill("module_05000")
        assert opened.visible() == [f"{5_000:016x}"]
        assert status(opened) == "1 of 1000 shown"


def test_a_report_of_strangers_is_inert(viewer: Viewer) -> None:
    words = "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>"
    one = finding(1, path=words, subject=words, past=(f"-{words}",), yours=(f"+{words}",))
    report: Report = replace(empty(), findings=(one,), notes=(words,))
    with viewer.open(html.render(report)) as opened:
        assert opened.page.evaluate("window.owned") is None
        assert opened.page.locator("img").count() == 0
        assert words in opened.page.locator("article h3").inner_text()
