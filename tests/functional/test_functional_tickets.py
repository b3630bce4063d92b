"""A made-up Japanese shop on a self-hosted GitLab: from exported tickets to a finding."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from program import CLEAN, FINDINGS, USAGE, Result, bugguard, index_files
from repository import Repository
from shop import GUARD, JAPANESE, REPLACED, TWO_HUNKS, Shop

pytestmark = pytest.mark.functional

SITE = "https://gitlab.acme.example/hanbai/shop"
HOST = "gitlab.acme.example/hanbai/shop"
TITLE = "【至急】クーポンの割引額が注文金額を超えてしまう 🎫"
TEXT = "再現手順:\n1. 全品半額クーポンを使う\n2. 合計がマイナスになる"
COUPON, CRASH, SESSION, BASKET, SECRET = 7, 8, 9, 10, 11
ISSUES = {
    COUPON: (TITLE, TEXT, "bug,クーポン", "No"),
    CRASH: ("ヘッダー長の検証が欲しい", "", "機能要望", "No"),
    SESSION: ("期限切れセッションで全員が落ちる", "", "type::bug", "No"),
    BASKET: ("数量が上書きされる", "", "", "No"),
    SECRET: ("秘密の脆弱性", "誰にも言わないで", "bug", "Yes"),
}


def csv(issues: dict[int, tuple[str, str, str, str]] | None = None) -> str:
    """What "Export as CSV" gives."""
    lines = ["Title,Description,Issue ID,URL,State,Author,Author Username,Assignee,Confidential,"
             "Created At (UTC),Updated At (UTC),Labels"]  # fmt: skip
    for number, (title, text, labels, confidential) in (issues or ISSUES).items():
        lines.append(
            f'{title},"{text}",{number},{SITE}/-/issues/{number},Closed,田中 花子,tanaka,鈴木,'
            f'{confidential},2024-01-30 09:00:00,2024-01-31 12:00:00,"{labels}"'
        )
    return "\r\n".join(lines) + "\r\n"


def requests(squash: str) -> str:
    """What ``glab mr list --output json`` gives: !12 was squashed, the others rebased."""
    told = [(12, COUPON, squash), (13, CRASH, None), (14, SESSION, None)]
    return json.dumps([
        {"iid": number, "title": "修正", "description": f"Closes #{issue}", "state": "merged",
         "source_branch": "topic", "squash_commit_sha": sha, "merge_commit_sha": None,
         "sha": "0" * 40, "web_url": f"{SITE}/-/merge_requests/{number}"}
        for number, issue, sha in told
    ])  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Its history: !12 was squashed under a subject that says nothing; others name what they do."""
    shop = Shop.at(tmp_path / "shop", fixed=False)
    shop.git("remote", "add", "origin", f"{SITE}.git")
    shop.commit(shop.replaced(REPLACED.path, *REPLACED.edits), "クーポン計算の刷新")
    shop.commit(shop.replaced(GUARD.path, *GUARD.edits),
                "Fix crash on long headers\n\nSee merge request hanbai/shop!13")  # fmt: skip
    shop.commit(shop.replaced(TWO_HUNKS.path, *TWO_HUNKS.edits),
                "fix: sessions\n\nSee merge request !14")  # fmt: skip
    shop.commit(
        shop.replaced(JAPANESE.path, *JAPANESE.edits), "数量が上書きされる不具合を修正 (#10)"
    )
    return shop


def imported(shop: Repository, text: str | bytes, *options: str, name: str = "export") -> Result:
    file = shop.path.parent / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return bugguard(shop, "tickets", "import", file, *options)


@pytest.fixture
def joined(shop: Shop) -> Shop:
    """With the tickets and the merge requests taken in, and learned with them."""
    assert imported(shop, csv()).code == CLEAN
    assert imported(shop, requests(shop.sha("HEAD~3"))).code == CLEAN
    assert bugguard(shop, "index", "build").code == CLEAN
    return shop


def folder(repository: Repository) -> Path:
    return repository.path / ".git" / "bugguard"


def fixes(repository: Repository) -> set[str]:
    shas = {repository.sha(f"HEAD~{n}"): n for n in range(4)}
    return {
        str(n) for sha, n in shas.items()
        if bugguard(repository, "show", sha).code == CLEAN
    }  # fmt: skip


def test_a_commit_that_repeats_a_bug_is_told_so_with_its_tickets_title(joined: Shop) -> None:
    """The bug of !12: no word of its commit says that it was a fix, its tracker does."""
    joined.stage(joined.undone(REPLACED))
    result = bugguard(joined, "check")
    assert result.code == FINDINGS
    lines = result.out.splitlines()
    assert "BG001 takes back a past fix" in lines[0]
    assert lines[1].startswith("  #7 クーポン計算の刷新")
    assert lines[2] == f"  {SITE}/-/issues/7"
    assert lines[3] == f"  ticket  #7 {TITLE}"
    assert "ignore[#7] reason" in result.out
    [finding] = bugguard(joined, "check", "--format", "json").json["findings"]
    assert finding["fix"]["tickets"] == [
        {"id": "#7", "title": TITLE, "url": f"{SITE}/-/issues/7", "source": "gitlab: closed by !12"}
    ]


def test_without_the_tickets_nobody_knows(shop: Shop) -> None:
    assert bugguard(shop, "index", "build").code == CLEAN
    shop.stage(shop.undone(REPLACED))
    assert bugguard(shop, "check").code == CLEAN


def test_a_ticket_is_shown_whole(joined: Shop) -> None:
    lines = bugguard(joined, "show", "#7").out.splitlines()
    place = lines.index(f"ticket: #7  {TITLE}  {SITE}/-/issues/7")
    assert lines[place + 1 : place + 8] == [
        "  joined: gitlab: closed by !12", "  labels: bug, クーポン", "  state: closed",
        "  people: 田中 花子, 鈴木", "  | 再現手順:", "  | 1. 全品半額クーポンを使う",
        "  | 2. 合計がマイナスになる",
    ]  # fmt: skip


def test_features_are_no_fixes_and_bugs_are(joined: Shop) -> None:
    assert fixes(joined) == {"0", "1", "3"}
    told = bugguard(joined, "index", "explain", "HEAD~2").out
    assert "its ticket does not say it is a fix: not-a-bug-ticket (#8 機能要望)" in told
    told = bugguard(joined, "index", "explain", "HEAD~3").out
    assert "its ticket says it is a fix: bug-ticket (#7 bug)" in told
    assert "tickets: #7" in told


def test_only_bugs_are_learned_where_that_is_wanted(joined: Shop) -> None:
    joined.write(".bugguard.toml", "[learn]\nbugs_only = true\n")
    assert bugguard(joined, "index", "update").code == CLEAN
    assert fixes(joined) == {"1", "3"}  # nobody labelled #10
    joined.write(".bugguard.toml", '[learn]\nbugs_only = true\nbug_labels = ["クーポン"]\n')
    assert bugguard(joined, "index", "update").code == CLEAN
    assert fixes(joined) == {"3"}


def test_only_bugs_of_nothing_is_refused(shop: Shop) -> None:
    shop.write(".bugguard.toml", "[learn]\nbugs_only = true\n")
    for _ in range(2):  # without a file, and with an empty one
        result = bugguard(shop, "index", "build")
        assert (result.code, "no ticket is known here" in result.complaint) == (USAGE, True)
        bugguard(shop, "tickets", "forget", "#7")


def test_an_import_says_what_came_and_what_is_missing(shop: Shop) -> None:
    assert bugguard(shop, "index", "build").code == CLEAN
    result = imported(shop, csv())
    assert result.out.splitlines() == [
        "read 5 tickets (4 new, 1 confidential, so left out) and 0 links to commits and merge "
        "requests",
        "1 of 3 past fixes has a known ticket (0 until now): 1 gitlab",
        "2 fixes name a ticket that is not known: 1 hanbai/shop, 1 gitlab.acme.example/hanbai/shop "
        "(merge requests)",
        "run `bugguard index update` to take them in",
    ]
    result = imported(shop, requests(shop.sha("HEAD~3")))
    assert result.out.splitlines()[:2] == [
        "read 0 tickets and 7 links to commits and merge requests",
        "3 of 3 past fixes have a known ticket (0 until now): 3 gitlab",
    ]
    info = bugguard(shop, "index", "info")
    assert "the tickets have changed: run `bugguard index update`" in info.out
    assert bugguard(shop, "index", "update").code == CLEAN
    told = bugguard(shop, "index", "info", "--json").json
    assert (told["with_ticket"], told["ticket_sources"]) == (3, {"gitlab": 3})
    assert (told["ticket_gaps"], told["without_ticket"], told["current"]) == ({}, 0, True)


def test_an_update_with_tickets_equals_a_build_with_them(shop: Shop) -> None:
    assert bugguard(shop, "index", "build").code == CLEAN
    imported(shop, csv())
    imported(shop, requests(shop.sha("HEAD~3")))
    assert bugguard(shop, "index", "update").code == CLEAN
    updated = index_files(shop)
    assert bugguard(shop, "index", "build").code == CLEAN
    assert index_files(shop) == updated


def test_the_same_tickets_in_another_order_give_the_same_bytes(
    joined: Shop, tmp_path: Path
) -> None:
    clone = Repository.clone(joined.path, tmp_path / "clone")
    clone.git("remote", "set-url", "origin", f"{SITE}.git")
    imported(clone, requests(joined.sha("HEAD~3")))
    imported(clone, csv(dict(reversed(ISSUES.items()))))
    assert bugguard(clone, "index", "build").code == CLEAN
    assert index_files(clone) == index_files(joined)


def test_tickets_survive_builds(joined: Shop) -> None:
    before = bugguard(joined, "tickets", "list", "--json").out
    for anew in ("build", "update", "build"):
        joined.commit({f"{anew}.py": "value = 1\n"}, "fix: something")
        assert bugguard(joined, "index", anew).code == CLEAN
    assert bugguard(joined, "tickets", "list", "--json").out == before
    assert len(before.splitlines()) == 4


def test_a_list_can_be_taken_in_elsewhere(joined: Shop, tmp_path: Path) -> None:
    listed = bugguard(joined, "tickets", "list", "--json").out
    clone = Repository.clone(joined.path, tmp_path / "clone")
    result = bugguard(clone, "tickets", "import", "-", stdin=listed.encode())
    assert result.out.startswith("read 4 tickets (4 new) and 7 links")
    assert bugguard(clone, "tickets", "list", "--json").out == listed


def holding(places: list[Path], *words: str) -> list[Path]:
    """Files that hold any of the words, as they are or as JSON escapes them."""
    wanted = [word.encode() for word in words] + [json.dumps(word)[1:-1].encode() for word in words]
    wanted += [word.encode("utf-16-le") for word in words]
    return [
        file for place in places for file in place.rglob("*")
        if file.is_file() and any(word in file.read_bytes() for word in wanted)
    ]  # fmt: skip


def test_forgetting_a_ticket_leaves_no_byte_of_it(joined: Shop) -> None:
    joined.commit({"more.py": "value = 1\n"}, "fix: something")
    assert bugguard(joined, "index", "update").code == CLEAN  # an older generation is kept
    verdicts = joined.path / ".git" / "bugguard-verdicts" / "00"
    verdicts.mkdir(parents=True)
    (verdicts / "1.json").write_text(json.dumps({"explanation": TITLE}))
    words = (TITLE, "全品半額クーポン")
    assert len(holding([joined.path / ".git"], *words)) >= 4
    result = bugguard(joined, "tickets", "forget", "7")
    assert (result.code, result.err) == (CLEAN, "")
    assert result.out == f"forgot #7 of {HOST}, and brought the index up to date without it\n"
    assert holding([joined.path / ".git"], *words) == []
    joined.git("reset", "-q", "--hard", "HEAD~1")
    assert fixes(joined) == {"0", "1"}
    # It does not come back, until it is asked for.
    assert "1 forgotten here, so left out" in imported(joined, csv()).out
    assert holding([joined.path / ".git"], *words) == []
    assert bugguard(joined, "tickets", "forget", "#7").code == CLEAN
    assert bugguard(joined, "tickets", "forget", "#7", "--undo").code == CLEAN
    assert "1 new" in imported(joined, csv()).out


def test_a_ticket_that_becomes_confidential_leaves_the_index_too(joined: Shop) -> None:
    """With every generation that was made before."""
    secret = {COUPON: (TITLE, TEXT, "bug", "Yes")}
    assert imported(joined, csv(ISSUES | secret)).code == CLEAN
    assert holding([folder(joined)], TITLE)
    assert bugguard(joined, "index", "update").code == CLEAN
    assert holding([folder(joined)], TITLE) == []
    assert bugguard(joined, "tickets", "forget", "#7").code == USAGE  # nobody knows it any more


def test_forgetting_what_is_not_known(joined: Shop) -> None:
    result = bugguard(joined, "tickets", "forget", "#99")
    assert result.code == USAGE
    assert "no ticket is called '#99' here: `bugguard tickets list`" in result.complaint
    assert "was not forgotten" in bugguard(joined, "tickets", "forget", "#7", "--undo").complaint
    imported(joined, json.dumps({"id": "#7", "title": "other", "project": "x.example/y"}))
    assert "say whose with --project" in bugguard(joined, "tickets", "forget", "#7").complaint
    result = bugguard(joined, "tickets", "forget", "#7", "--project", "x.example/y")
    assert result.out.startswith("forgot #7 of x.example/y")


def test_before_there_is_an_index(shop: Shop) -> None:
    result = imported(shop, csv())
    assert "run `bugguard index build` to learn with them" in result.out
    result = bugguard(shop, "tickets", "forget", "#7")
    assert result.out == f"forgot #7 of {HOST}, and there is no index yet\n"
    assert bugguard(shop, "index", "build").code == CLEAN


@pytest.mark.parametrize("command", ["list", "info", "forget"])
def test_before_there_are_tickets(shop: Shop, command: str) -> None:
    name = ["#7"] if command == "forget" else []
    result = bugguard(shop, "tickets", command, *name)
    assert result.code == USAGE
    assert "known here" in result.complaint or "is called '#7' here" in result.complaint


def test_confidential_tickets_are_left_out_unless_asked_for(shop: Shop) -> None:
    imported(shop, csv())
    assert holding([shop.path / ".git"], ISSUES[SECRET][0], ISSUES[SECRET][1]) == []
    assert "5 tickets (1 new, 4 as before)" in imported(shop, csv(), "--confidential").out
    assert ISSUES[SECRET][0] in bugguard(shop, "tickets", "list").out
    imported(shop, csv())  # one that is not to be kept goes again
    assert holding([shop.path / ".git"], ISSUES[SECRET][0], ISSUES[SECRET][1]) == []


def test_the_tickets_of_a_committed_index_are_not_committed(shop: Shop) -> None:
    shop.write(".bugguard.toml", 'index = "index"\n')
    imported(shop, csv())
    imported(shop, requests(shop.sha("HEAD~3")))
    assert bugguard(shop, "index", "build").code == CLEAN
    shop.git("add", "--all", "--force")
    staged = shop.text("diff", "--cached", "--name-only").splitlines()
    assert "index/CURRENT" in staged
    assert not [name for name in staged if "sqlite" in name]
    assert (folder(shop) / "tickets.sqlite3").is_file()
    assert TITLE in bugguard(shop, "show", "#7").out
    result = bugguard(shop, "tickets", "forget", "#7")
    assert "is committed, its history still has what it had" in result.err


def test_a_shared_index_shares_its_tickets(shop: Shop, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    assert bugguard(shop, "index", "build", "--index", shared).code == CLEAN
    (shared / ".gitignore").write_bytes(b"*.lock\ntmp-*\n")  # as an older bugguard wrote it
    result = imported(shop, csv(), "--index", str(shared))
    assert (result.code, (shared / "tickets.sqlite3").is_file()) == (CLEAN, True)
    assert (shared / ".gitignore").read_text().splitlines()[-1] == "tickets.sqlite3*"
    clone = Repository.clone(shop.path, tmp_path / "clone")
    listed = bugguard(clone, "tickets", "list", "--index", shared).out
    assert TITLE in listed
    assert bugguard(clone, "index", "verify", "--index", shared).code == CLEAN


def test_no_tickets_in_a_folder_of_other_things(shop: Shop, tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "notes.txt").write_text("precious")
    result = imported(shop, csv(), "--index", str(place))
    assert (result.code, "is no index, it holds 'notes.txt'" in result.complaint) == (USAGE, True)
    assert [file.name for file in place.iterdir()] == ["notes.txt"]


def test_an_index_whose_tickets_are_gone_is_not_stripped_unasked(joined: Shop) -> None:
    (folder(joined) / "tickets.sqlite3").unlink()
    result = bugguard(joined, "index", "update")
    assert result.code == USAGE
    assert "was learned with tickets that are not here" in result.complaint
    assert "made with tickets that are not here" in bugguard(joined, "index", "info").out
    assert TITLE in bugguard(joined, "show", "#7").out
    assert bugguard(joined, "index", "build").code == CLEAN
    assert fixes(joined) == {"0", "1", "2"}


@pytest.mark.parametrize("spoil", ["text", "cut", "newer"])
def test_tickets_that_cannot_be_read_are_told_and_the_check_goes_on(
    joined: Shop, spoil: str
) -> None:
    file = folder(joined) / "tickets.sqlite3"
    if spoil == "newer":
        import sqlite3

        database = sqlite3.connect(file)
        database.execute("PRAGMA user_version = 99")
        database.close()
    else:
        file.write_bytes(b"notes" * 1000 if spoil == "text" else file.read_bytes()[:3000])
    for command in (["tickets", "list"], ["tickets", "info"], ["index", "update"]):
        result = bugguard(joined, *command)
        assert result.code == USAGE, result
        assert "tickets.sqlite3" in result.complaint
    joined.stage(joined.undone(REPLACED))
    assert bugguard(joined, "check").code == FINDINGS
    shown = bugguard(joined, "show", "#7")
    assert (shown.code, TITLE in shown.out) == (CLEAN, True)
    assert "tickets.sqlite3" in shown.complaint
    assert bugguard(joined, "index", "info").code == CLEAN


HOSTILE = "\x1b]0;pwned\x07\x1b[2J\u202e]]>\r\n<script>&amp;\u2028" + "題" * 5_000


def test_a_malicious_title_is_shown_escaped_everywhere(shop: Shop) -> None:
    ticket = {
        "id": "#7", "title": HOSTILE, "project": HOST, "labels": ["bug", HOSTILE], "type": HOSTILE,
        "people": [HOSTILE], "text": HOSTILE * 100, "source": "gitlab",
        "links": [{"commit": shop.sha("HEAD~3"), "why": HOSTILE}],
    }  # fmt: skip
    outs = [imported(shop, json.dumps(ticket)), bugguard(shop, "index", "build")]
    shop.stage(shop.undone(REPLACED))
    outs += [
        bugguard(shop, *command) for command in (
            ["check"], ["show", "#7"], ["tickets", "list"], ["tickets", "info"], ["index", "info"],
            ["index", "explain", "HEAD~3"], ["tickets", "forget", "#7"],
        )
    ]  # fmt: skip
    assert [one.code for one in outs] == [0, 0, FINDINGS, 0, 0, 0, 0, 0, 0]
    for one in outs:
        assert not set(one.out + one.err) & set("\x1b\x07\u202e\u2028\r\x9b"), one
    assert "\\x1b]0;pwned" in outs[2].out


BAD = {
    "sign-in.html": (b"<!DOCTYPE html><html>Sign in", "it is a web page and no export"),
    "issues.xlsx": (b"PK\x03\x04", "it is an Excel workbook"),
    "cut.json": (b'[{"iid": 7, "title": "x"},\n{"iid"', "line 2 is not JSON"),
    "other.csv": (b"a,b\n1,2\n", "does not have the columns of a known export"),
    "empty.csv": (csv().splitlines()[0].encode() + b"\r\n", "has no ticket that can be taken in"),
    "bad.jsonl": (b'{"id": "#1"}\n', "line 1: it is not a ticket of any form known here"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_taken_in_changes_nothing(joined: Shop, name: str) -> None:
    before = bugguard(joined, "tickets", "list", "--json").out
    data, says = BAD[name]
    result = imported(joined, data, name=name)
    assert (result.code, result.out) == (USAGE, "")
    assert says in result.complaint
    assert name in result.complaint
    assert bugguard(joined, "tickets", "list", "--json").out == before


def test_the_standard_input_is_named_as_such(shop: Shop) -> None:
    result = bugguard(shop, "tickets", "import", "-", stdin=b"<html>")
    assert result.complaint.startswith("the standard input cannot be taken in")
    result = bugguard(shop, "tickets", "import", "-", stdin=b"")
    assert result.complaint.startswith("the standard input cannot be taken in, since it is empty")


def test_bad_rows_are_told_and_the_rest_is_taken_in(shop: Shop) -> None:
    rows = csv() + "".join(f",,{n},,Open,,,,,,,\r\n" for n in range(100, 110))
    result = imported(shop, rows, name="issues.csv")
    assert result.code == CLEAN
    assert "4 new" in result.out
    told = result.err.splitlines()
    assert len(told) == 6
    assert told[0].endswith("issues.csv:9: left out, since it has no title")
    assert told[5].endswith("issues.csv: 5 more are left out for such reasons")


def test_japanese_excel(shop: Shop) -> None:
    plain = csv({7: ("クーポンの割引額", "再現手順", "bug", "No")}).encode("cp932")
    result = imported(shop, plain)
    assert result.complaint.endswith("was read as Shift_JIS: look whether it reads well")
    assert "クーポンの割引額" in bugguard(shop, "tickets", "list").out


def test_an_export_of_a_project_that_does_not_say_its_name(shop: Shop) -> None:
    shop.git("remote", "remove", "origin")
    issue = json.dumps({"iid": 7, "title": "x", "label_links": []})
    result = imported(shop, issue)
    assert "name that with --project" in result.complaint
    assert imported(shop, issue, "--project", HOST).code == CLEAN
    shop.write(".bugguard.toml", f'[learn]\nticket_projects = ["{HOST}"]\n')
    assert "of gitlab.acme.example" in bugguard(shop, "tickets", "info").out


def test_the_hook_learns_with_tickets_too(joined: Shop) -> None:
    joined.commit(joined.replaced("shop/prices.py", ('"4.90"', '"5.90"')), "fix: cost (#8)")
    assert bugguard(joined, "hook").code == CLEAN
    assert bugguard(joined, "show", joined.sha()).code == USAGE  # a feature's
    joined.commit(joined.replaced("shop/prices.py", ('"5.90"', '"6.90"')), "fix: cost (#9)")
    assert bugguard(joined, "hook", BUGGUARD_HOOK_UPDATE_SECONDS="60").code == CLEAN
    assert "期限切れセッション" in bugguard(joined, "show", joined.sha()).out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_a_folder_that_may_not_be_written(shop: Shop) -> None:
    folder(shop).mkdir()
    folder(shop).chmod(0o555)
    result = imported(shop, csv())
    folder(shop).chmod(0o755)
    assert (result.code, "mend" in result.complaint) == (USAGE, True)


def test_a_long_list_says_how_much_more_there_is(shop: Shop) -> None:
    many = "".join(json.dumps({"id": f"#{n}", "title": f"題 {n}"}) + "\n" for n in range(1, 81))
    assert imported(shop, many, "--project", HOST).code == CLEAN
    lines = bugguard(shop, "tickets", "list").out.splitlines()
    assert (len(lines), lines[-1]) == (51, "30 more tickets: list all with --limit 80")
    assert len(bugguard(shop, "tickets", "list", "--limit", "80").out.splitlines()) == 80
    assert len(bugguard(shop, "tickets", "list", "--json").out.splitlines()) == 80
    assert bugguard(shop, "tickets", "list", "--project", "x.example/y").out == ""
