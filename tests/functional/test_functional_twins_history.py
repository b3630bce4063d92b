"""What a team does to code that has a fix, rightly, each beside its twin that does harm."""

from __future__ import annotations

import pytest
from program import CLEAN, bugguard
from shop import FIXES, GUARD, JAPANESE, REPLACED, TWO_HUNKS, Fix, Shop
from told import NUMBERS, told, told_of

pytestmark = pytest.mark.functional

Edits = tuple[tuple[str, str], ...]


def pairs(
    shop: Shop, fix: Fix, right: Edits, wrong: Edits | None = None
) -> tuple[set[str], set[str]]:
    """What is told of either set of edits to the fix's file; without ``wrong`` of its undoing."""
    harm = shop.undone(fix) if wrong is None else shop.replaced(fix.path, *wrong)
    return told_of(shop, shop.replaced(fix.path, *right)), told_of(shop, harm)


class TestBackport:
    def test_by_hand_into_code_that_differs(self, shop: Shop) -> None:
        shop.git("checkout", "-q", "-b", "stable", "HEAD~4")
        older = shop.read(GUARD.path).replace("header->kind", "header->type")
        shop.commit({GUARD.path: older.replace("int parse_h", "static int h")}, "Older code")
        assert told_of(shop, shop.replaced(GUARD.path, *GUARD.edits)) == set()
        shop.commit(shop.replaced(GUARD.path, *GUARD.edits), "Backport the check of lengths")
        assert told(shop, "--commit", "HEAD") == set()
        assert told_of(shop, shop.undone(GUARD)) == {"#34"}

    def test_of_all_fixes_and_merged_back(self, shop: Shop) -> None:
        shop.git("checkout", "-q", "-b", "stable", "HEAD~4")
        shop.commit({"shop/stable.py": "stable_since = 2020\n"}, "Begin the stable branch")
        shop.git("cherry-pick", "-x", "main~4..main")
        assert told(shop, "--range", "main~4..stable") == set()
        shop.git("checkout", "-q", "main")
        shop.git("merge", "--quiet", "--no-edit", "stable")
        assert told(shop, "--range", "main~1..main") == set()
        assert told_of(shop, shop.undone(REPLACED)) == {"#12"}

    @pytest.mark.parametrize("resolved", ["rightly", "with the stale side"])
    def test_a_stale_branch_is_picked(self, shop: Shop, resolved: str) -> None:
        """Work from before the fix, on the fix's own neighbour line."""
        shop.git("checkout", "-q", "-b", "topic", "HEAD~4")
        line = '    order.history.append(("voucher", voucher.code))\n'
        longer = line.replace("voucher.code))", "voucher.code, rebate))")
        shop.commit(shop.replaced(REPLACED.path, (line, longer)), "Keep the rebate")
        assert told(shop, "--commit", "HEAD") == set()
        shop.git("checkout", "-q", "main")
        if resolved == "rightly":
            assert told_of(shop, shop.replaced(REPLACED.path, (line, longer))) == set()
        else:
            shop.git("cherry-pick", "--no-commit", "-X", "theirs", "topic")
            assert told(shop) == {"#12"}


class TestRemoval:
    """What a fix was about goes, and the fix with it; its twin takes the fix alone."""

    def test_the_guarded_code_goes(self, shop: Shop) -> None:
        rest = (
            "    memcpy(buffer, reader->position, header->length);\n    header->payload = buffer;\n"
        )
        silent, loud = pairs(shop, GUARD, ((GUARD.fixed + rest, ""),))
        assert (silent, loud) == (set(), {"#34"})

    def test_a_step_of_a_function_goes(self, shop: Shop) -> None:
        end = (
            '    order.history.append(("voucher", voucher.code))\n'
            "    return (amount - rebate).quantize(CENT)\n"
        )
        right = ((REPLACED.fixed, ""), (end, "    return amount.quantize(CENT)\n"))
        assert pairs(shop, REPLACED, right) == (set(), {"#12"})

    @pytest.mark.parametrize("method", ["find_customer", "purge_expired"])
    def test_a_method_of_a_class_goes(self, shop: Shop, method: str) -> None:
        content = shop.read(TWO_HUNKS.path)
        start = content.index(f"    def {method}")
        end = content.find("    def ", start + 1)
        gone = content[start : end if end > 0 else None]
        assert pairs(shop, TWO_HUNKS, ((gone, ""),)) == (set(), {"#56"})

    def test_a_branch_of_a_condition_goes(self, shop: Shop) -> None:
        push = "this.items.push({ article, quantity });\n"
        branch = f"    if (known) {{\n{JAPANESE.fixed}    }} else {{\n      {push}    }}\n"
        assert pairs(shop, JAPANESE, ((branch, f"    {push}"),)) == (set(), {"#78"})

    def test_a_feature_goes_from_all_its_files(self, shop: Shop) -> None:
        user = "import { Basket } from './basket';\n\nexport const basket = new Basket(storage);\n"
        shop.commit({"web/page.js": user + "export const page = makePage();\n"}, "Add a page")
        page = "export const page = makePage();\n"
        assert told_of(shop, {JAPANESE.path: None, "web/page.js": page}) == set()
        assert told_of(shop, shop.undone(JAPANESE) | {"web/page.js": page}) == {"#78"}


RAW = REPLACED.buggy  #: comes back as a step on the way to the right number
BETTER: dict[Fix, Edits] = {
    REPLACED: (
        (REPLACED.fixed, RAW + "    rebate = min(amount, rebate + voucher.fixed_amount)\n"),
    ),
    GUARD: (
        (
            GUARD.fixed,
            "    size_t length = clamped(header->length, reader_remaining(reader));\n"
            "    char *buffer = malloc(length);\n",
        ),
    ),
    TWO_HUNKS: (
        (
            TWO_HUNKS.edits[0][1],
            "        customer, opened = self.sessions.get(token) or EXPIRED\n",
        ),
        (
            TWO_HUNKS.edits[1][1],
            "        for token, (customer, opened) in tuple(self.sessions.items()):\n",
        ),
    ),
    JAPANESE: (
        (
            JAPANESE.fixed,
            "      known.quantity = article.available(known.quantity + quantity);\n",
        ),
    ),
}
#: Taken back beside other work, which is no fix.
WORSE: dict[Fix, Edits] = {
    REPLACED: ((REPLACED.fixed, RAW + '    log.debug("a rebate of %s", rebate)\n'),),
    GUARD: ((GUARD.fixed, "    char *buffer = calloc(1, header->length);\n"),),
    TWO_HUNKS: tuple(
        (fixed, f"{buggy[: len(buggy) - len(buggy.lstrip())]}self.count_a_visit()\n{buggy}")
        for buggy, fixed in TWO_HUNKS.edits
    ),
    JAPANESE: ((JAPANESE.fixed, f"{JAPANESE.buggy}      this.announceQuantity(article);\n"),),
}


class TestBetterFix:
    """A fix is taken back and made anew, in one change."""

    @pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
    def test_in_one_change(self, shop: Shop, fix: Fix) -> None:
        assert pairs(shop, fix, BETTER[fix], WORSE[fix]) == (set(), {NUMBERS[fix]})

    @pytest.mark.parametrize("fix", [
        pytest.param(fix, id=NUMBERS[fix], marks=[] if fix is not TWO_HUNKS else pytest.mark.xfail(
            reason="most of what stands in for the fix is like the code before it", strict=True
        ))
        for fix in FIXES
    ])  # fmt: skip
    def test_that_says_what_it_reverts(self, shop: Shop, fix: Fix) -> None:
        sha = shop.sha(f"HEAD~{len(FIXES) - 1 - FIXES.index(fix)}")
        message = f"Fix it at its root\n\nThis reverts commit {sha}, and mends its cause instead."
        shop.commit(shop.replaced(fix.path, *BETTER[fix]), message)
        assert told(shop, "--commit", "HEAD") == set()

    @pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
    def test_twin_that_says_what_it_reverts_and_mends_nothing(self, shop: Shop, fix: Fix) -> None:
        sha = shop.sha(f"HEAD~{len(FIXES) - 1 - FIXES.index(fix)}")
        shop.commit(shop.undone(fix), f"Back to the old way\n\nThis reverts commit {sha}.")
        assert told(shop, "--commit", "HEAD") == {NUMBERS[fix]}

    @pytest.mark.xfail(reason="the line stands behind a guard of its own now", strict=True)
    def test_the_old_line_behind_a_new_guard(self, shop: Shop) -> None:
        buggy, fixed = TWO_HUNKS.edits[0]
        guarded = f"        if token not in self.sessions:\n            return None\n{buggy}"
        assert told_of(shop, shop.replaced(TWO_HUNKS.path, (fixed, guarded))) == set()

    def test_the_guard_goes_into_a_helper(self, shop: Shop) -> None:
        helper = (
            "static char *allocated(struct reader *reader, size_t length) {\n"
            "    if (length > reader_remaining(reader))\n"
            "        return NULL;\n"
            "    return malloc(length);\n"
            "}\n\n"
        )
        head = "int parse_header("
        call = "    char *buffer = allocated(reader, header->length);\n"
        right = ((GUARD.fixed, call), (head, helper + head))
        assert pairs(shop, GUARD, right, WORSE[GUARD]) == (set(), {"#34"})


class TestComments:
    def test_a_guard_is_explained_or_commented_out(self, shop: Shop) -> None:
        first, second, buffer = GUARD.fixed.splitlines(keepends=True)
        explained = f"    /* Never more than was read. */\n{first}{second.rstrip()} // so\n{buffer}"
        out = f"    // {first.strip()}\n    //     {second.strip()}\n{buffer}"
        assert pairs(shop, GUARD, ((GUARD.fixed, explained),), ((GUARD.fixed, out),)) == (
            set(),
            {"#34"},
        )

    def test_a_line_is_quoted_in_a_comment_or_comes_back(self, shop: Shop) -> None:
        quoted = f"    # was: {REPLACED.buggy.strip()}\n{REPLACED.fixed}"
        assert pairs(shop, REPLACED, ((REPLACED.fixed, quoted),)) == (set(), {"#12"})


VERSIONED = {
    "shop/about.py": '__version__ = "1.2.0"\n',
    "src/version.h": '#define SHOP_VERSION "1.2.0"\n',
    "package.json": '{\n  "name": "shop",\n  "version": "1.2.0"\n}\n',
}
INVOICE = '    return f"{year}-{counter}"\n'
SORTED = '    return f"{year}-{counter:06d}"\n'


def at(version: str) -> dict[str, str]:
    return {path: text.replace("1.2.0", version) for path, text in VERSIONED.items()}


class TestVersions:
    @pytest.fixture
    def released(self, shop: Shop) -> Shop:
        """With a fix that was released in its own commit."""
        shop.commit(VERSIONED, "Version 1.2.0")
        edit = shop.replaced(REPLACED.path, (INVOICE, SORTED))
        shop.commit(at("1.2.1") | edit, "fix: invoices were not in order (#90)\n\nFor 1.2.1.")
        assert bugguard(shop, "index", "update").code == CLEAN
        return shop

    @pytest.mark.parametrize("version", ["1.2.2", "1.3.0", "2.0.0-rc1"])
    def test_on(self, released: Shop, version: str) -> None:
        assert told_of(released, at(version)) == set()
        undone = released.replaced(REPLACED.path, *((b, a) for a, b in REPLACED.edits))
        assert told_of(released, at(version) | undone) == {"#12"}

    def test_back(self, released: Shop) -> None:
        """A release is called off; its fixes stay."""
        assert told_of(released, at("1.2.0")) == set()

    def test_twin_a_fix_that_came_with_a_version_is_undone(self, released: Shop) -> None:
        undone = released.replaced(REPLACED.path, (SORTED, INVOICE))
        assert told_of(released, at("1.3.0") | undone) == {"#90"}
