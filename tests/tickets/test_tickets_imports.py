"""Every form of export, read as the tools write it."""

from __future__ import annotations

import json
from pathlib import Path

import hypothesis.strategies as st
import pytest
from exports import (
    GITHUB_TSV,
    GITLAB_CSV,
    GITLAB_EXPORT,
    HEAD,
    JIRA_CSV,
    JIRA_CSV_JA,
    JIRA_XML,
    MERGE,
    SQUASH,
    TITLE,
    exported_issue,
    github_issue,
    github_request,
    gitlab_issue,
    gitlab_request,
    lines,
)
from hypothesis import given

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord
from bugguard.tickets.imports import FORMS, Notes, read
from bugguard.tickets.imports.closing import closed
from bugguard.tickets.imports.plain import line_of
from bugguard.tickets.imports.record import Context, Row
from bugguard.tickets.imports.values import when

NINE = 1_706_605_200  #: 2024-01-30 09:00 UTC
NOON = 1_706_702_400  #: 2024-01-31 12:00 UTC
HOUR = 3600
GITLAB = TicketKey("gitlab.example/web/shop", "#7")
GITHUB = TicketKey("github.com/acme/shop", "#7")


def taken(
    tmp_path: Path, data: bytes | str, form: str = "", context: Context | None = None
) -> tuple[list[Row], Notes]:
    file = tmp_path / "export"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    notes = Notes()
    return list(read(file, form, context or Context(), notes)), notes


def tickets(tmp_path: Path, data: bytes | str, **more: Context) -> list[TicketRecord]:
    rows, _ = taken(tmp_path, data, **more)
    assert not [row.problem for row in rows if row.problem]
    return [row.tracked.record for row in rows if row.tracked]


def links(tmp_path: Path, data: bytes | str, **more: Context) -> set[TicketLink]:
    rows, _ = taken(tmp_path, data, **more)
    return {
        link for row in rows for link in (*row.links, *(row.tracked.links if row.tracked else ()))
    }


def test_gitlab_csv(tmp_path: Path) -> None:
    one, two = tickets(tmp_path, GITLAB_CSV)
    assert one == TicketRecord(
        GITLAB, "gitlab", TITLE, '再現手順:\n1. "全品半額"を使う',
        "https://gitlab.example/web/shop/-/issues/7", ("bug", "クーポン"), "", "closed", "",
        NINE, NOON - HOUR, NOON, ("田中 花子", "Ada", "Bob"),
    )  # fmt: skip
    assert (two.confidential, two.state, two.labels) == (True, "open", ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_a_spreadsheet_makes_of_a_csv(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Its own encoding, delimiter, line ends and dates; an emoji is no Shift_JIS."""
    table = [
        ["Title", "Issue ID", "URL", "State", "Updated At (UTC)", "Labels"],
        ["数量が～上書きされる", "7", "https://gitlab.example/web/shop/-/issues/7", "Closed",
         "2024/1/31 12:00", "bug"],
    ]  # fmt: skip
    text = "\r\n".join(delimiter.join(row) for row in table) + "\r\n"
    rows, notes = taken(tmp_path, text.encode(encoding))
    [record] = [row.tracked.record for row in rows if row.tracked]
    assert (record.key, record.title, record.updated) == (GITLAB, "数量が～上書きされる", NOON)
    assert [note for note in notes.lines if "Shift_JIS" in note] == (
        notes.lines if encoding == "cp932" else []
    )
    assert len(notes.lines) == (encoding == "cp932")


@pytest.mark.parametrize("shape", ["list", "lines", "pages", "one", "object"])
def test_gitlab_json_in_every_shape(tmp_path: Path, shape: str) -> None:
    one, two = gitlab_issue(), gitlab_issue(iid=9, title="もう一つ")
    data = {
        "list": json.dumps([one, two], indent=2),
        "lines": lines(one, two).decode(),
        "pages": json.dumps([one]) + json.dumps([two]) + "[]",  # as --paginate gives them
        "one": json.dumps(one, indent=1) + "\n" + json.dumps(two, indent=1),
        "object": json.dumps({"issues": [one, two], "total": 2}),
    }[shape]
    found = tickets(tmp_path, data)
    assert [record.key.id for record in found] == ["#7", "#9"]
    assert found[0] == TicketRecord(
        GITLAB, "gitlab", TITLE, "再現手順", "https://gitlab.example/web/shop/-/issues/7",
        ("bug", "クーポン"), "incident", "closed", "", NINE, NOON - HOUR, NOON - 9 * HOUR,
        ("田中 花子", "Ada", "Bob"),
    )  # fmt: skip


def test_a_type_that_gitlab_gives_to_every_issue_says_nothing(tmp_path: Path) -> None:
    [record] = tickets(tmp_path, lines(gitlab_issue(issue_type="issue", type="ISSUE")))
    assert record.type == ""


def test_gitlab_merge_requests_link_the_issues_that_they_close(tmp_path: Path) -> None:
    other = TicketKey("gitlab.example/web/shop", "#8")
    assert links(tmp_path, json.dumps([gitlab_request()])) == {
        TicketLink(key, commit, why)
        for key in (GITLAB, other)
        for commit, why in (
            ("", "closed by !12"), (SQUASH, "closed by !12"), (MERGE, "closed by !12"),
            (HEAD, "in !12, which closes it"),
        )
    }  # fmt: skip


@pytest.mark.parametrize("request_", [
    gitlab_request(state="opened"), gitlab_request(description="See #7"),
    gitlab_request(description=None, title="x"),
])  # fmt: skip
def test_a_merge_request_that_closes_nothing_links_nothing(
    tmp_path: Path, request_: dict[str, object]
) -> None:
    assert links(tmp_path, json.dumps([request_])) == set()


def test_a_merge_request_may_close_another_projects_issue(tmp_path: Path) -> None:
    request = gitlab_request(description="Closes ops/tools#3", squash_commit_sha=None)
    found = links(tmp_path, json.dumps([request]))
    assert {link.ticket for link in found} == {TicketKey("gitlab.example/ops/tools", "#3")}
    assert {link.why for link in found if not link.commit} == {"closed by web/shop!12"}


def test_a_gitlab_project_export(tmp_path: Path) -> None:
    context = Context(fallback="gitlab.example/web/shop")
    rows, _ = taken(tmp_path, GITLAB_EXPORT, context=context)
    records = [row.tracked.record for row in rows if row.tracked]
    assert [(one.key, one.title, one.labels) for one in records] == [(GITLAB, TITLE, ("bug",))]
    assert "geheim" not in repr(rows)
    assert {(link.commit, link.why) for row in rows for link in row.links} == {
        ("", "closed by !12"), (MERGE, "closed by !12"), (HEAD, "in !12, which closes it"),
    }  # fmt: skip


def test_an_export_unpacked(tmp_path: Path) -> None:
    context = Context(project="gitlab.example/web/shop")
    [record] = tickets(tmp_path, lines(exported_issue()), context=context)
    assert (record.key, record.text) == (GITLAB, "再現手順")


def test_github_json(tmp_path: Path) -> None:
    [record] = tickets(tmp_path, json.dumps([github_issue()]))
    assert record == TicketRecord(
        GITHUB, "github", TITLE, "再現手順", "https://github.com/acme/shop/issues/7", ("bug",), "",
        "closed", "", NINE, NOON - HOUR, NOON, ("田中 花子", "ada"),
    )  # fmt: skip
    assert links(tmp_path, json.dumps([github_issue()])) == {
        TicketLink(GITHUB, "", "closed by #12"),
        TicketLink(GITHUB, "", "closed by acme/tools#3"),
    }


def test_github_duplicates_and_types(tmp_path: Path) -> None:
    issue = github_issue(stateReason="NOT_PLANNED", issueType={"name": "Bug"})
    [record] = tickets(tmp_path, json.dumps([issue]))
    assert (record.resolution, record.type) == ("not planned", "bug")


def test_github_pull_requests_link_the_issues_that_they_close(tmp_path: Path) -> None:
    expected = {
        TicketLink(GITHUB, "", "closed by #12"),
        TicketLink(GITHUB, SQUASH, "closed by #12"),
        TicketLink(GITHUB, HEAD, "in #12, which closes it"),
    }
    assert links(tmp_path, json.dumps([github_request()])) == expected
    assert links(tmp_path, json.dumps([github_request(state="CLOSED")])) == set()
    rest = {"number": 12, "title": "x", "body": "resolves #7", "merged_at": "2024-01-31T12:00:00Z",
            "merge_commit_sha": SQUASH, "state": "closed",
            "html_url": "https://github.com/acme/shop/pull/12"}  # fmt: skip
    assert links(tmp_path, json.dumps([rest])) == expected - {
        TicketLink(GITHUB, HEAD, "in #12, which closes it")
    }


def test_github_project_table(tmp_path: Path) -> None:
    rows, _ = taken(tmp_path, GITHUB_TSV)
    assert rows[0].tracked is not None
    assert rows[0].tracked.record.key == GITHUB
    assert rows[0].tracked.record.labels == ("bug", "クーポン")
    assert rows[0].tracked.links == (TicketLink(GITHUB, "", "closed by #12"),)
    assert (rows[1].line, rows[1].problem[:15]) == (3, "it has no title")


def test_jira_csv(tmp_path: Path) -> None:
    one, two = tickets(tmp_path, JIRA_CSV, context=Context(jira="jira.example"))
    assert one == TicketRecord(
        TicketKey("jira.example/shop", "SHOP-7"), "jira", TITLE, "再現手順\n二行目", "",
        ("クーポン", "会計"), "bug", "closed", "", NINE, NOON - HOUR, NOON, ("田中 花子", "Ada"),
    )  # fmt: skip
    assert (two.confidential, two.state) == (True, "open")
    assert "geheim" not in repr((one, two))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_jira_csv_in_japanese(tmp_path: Path, encoding: str) -> None:
    [record] = tickets(tmp_path, JIRA_CSV_JA.encode(encoding))
    assert (record.key.id, record.type, record.state) == ("SHOP-7", "バグ", "closed")
    assert (record.labels, record.people) == (("会計",), ("Ada", "田中 花子"))


def test_jira_xml(tmp_path: Path) -> None:
    [record] = tickets(tmp_path, JIRA_XML)
    assert record == TicketRecord(
        TicketKey("jira.example/shop", "SHOP-7"), "jira", TITLE, "再現手順 & 二行目\n三行目",
        "https://jira.example/browse/SHOP-7", ("クーポン", "会計"), "bug", "closed", "duplicate",
        NINE - 9 * HOUR, NOON - 10 * HOUR, NOON - 9 * HOUR, ("田中 花子", "Ada"),
    )  # fmt: skip


def test_the_plain_form(tmp_path: Path) -> None:
    ticket = {
        "id": "7", "title": TITLE, "project": "tracker.example/shop", "text": "再現手順",
        "url": "https://tracker.example/7", "labels": ["不具合"], "type": "bug",
        "state": "closed", "resolution": "fixed", "created": NINE,
        "updated": "2024-01-31T21:00:00+09:00", "people": ["Ada"], "confidential": False,
        "source": "redmine", "links": [{"commit": SQUASH, "why": "closed by !12"}],
    }  # fmt: skip
    rows, _ = taken(tmp_path, lines(ticket, {"id": "SHOP-1", "title": "x", "project": "a/b"}))
    assert [row.tracked.record.key for row in rows if row.tracked] == [
        ("tracker.example/shop", "#7"), ("a/b", "SHOP-1"),
    ]  # fmt: skip
    assert rows[0].tracked is not None
    whole = rows[0].tracked.record
    assert (whole.source, whole.created, whole.updated) == ("redmine", NINE, NOON)
    key = TicketKey("tracker.example/shop", "#7")
    assert rows[0].tracked.links == (TicketLink(key, SQUASH, "closed by !12"),)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
times = st.none() | st.integers(-62_135_596_800, 253_402_300_799)
records = st.builds(
    TicketRecord,
    key=st.builds(lambda n: TicketKey("gitlab.example/web/shop", f"#{n}"), st.integers(1, 999)),
    source=names, title=names.map(str.strip), text=st.text(max_size=50), url=st.text(max_size=20),
    labels=st.lists(names, max_size=3).map(tuple), type=st.text(max_size=9),
    state=st.sampled_from(["open", "closed", ""]), resolution=st.text(max_size=9),
    created=times, closed=times, updated=times, people=st.lists(names, max_size=2).map(tuple),
    confidential=st.booleans(),
)  # fmt: skip


@given(records)
def test_what_is_listed_in_the_plain_form_reads_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, record: TicketRecord
) -> None:
    link = TicketLink(record.key, SQUASH, "closed by !12")
    line = line_of(record, record.text, [link])
    assert "\n" not in line
    rows, _ = taken(tmp_path_factory.mktemp("plain"), line)
    assert [row.problem for row in rows] == [""]
    assert rows[0].tracked == (record, (link,))


def test_whose_tickets_they_are(tmp_path: Path) -> None:
    bare = lines(exported_issue())
    [row], _ = taken(tmp_path, bare)
    assert row.problem == "it does not say its project, so name that with --project"
    [remote] = tickets(tmp_path, bare, context=Context(fallback="gitlab.example/a/b"))
    assert remote.key.project == "gitlab.example/a/b"
    named = Context(project="gitlab.example/x/y", fallback="gitlab.example/a/b")
    [record] = tickets(tmp_path, lines(gitlab_issue()), context=named)
    assert record.key.project == "gitlab.example/x/y"
    [jira] = tickets(tmp_path, JIRA_CSV_JA, context=Context(project="jira.acme.example"))
    assert jira.key.project == "jira.acme.example/shop"


@pytest.mark.parametrize(("data", "form"), [
    (GITLAB_CSV, "gitlab-csv"), (lines(gitlab_issue()), "gitlab-json"),
    (GITLAB_EXPORT, "gitlab-export"), (lines(github_issue()), "github-json"),
    (GITHUB_TSV, "github-tsv"), (JIRA_CSV, "jira-csv"), (JIRA_XML, "jira-xml"),
    (lines({"id": "#1", "title": "x"}), "jsonl"),
])  # fmt: skip
def test_a_form_can_be_named(tmp_path: Path, data: bytes | str, form: str) -> None:
    context = Context(fallback="gitlab.example/web/shop")
    named, _ = taken(tmp_path, data, form, context)
    told, _ = taken(tmp_path, data, "", context)
    assert named == told
    assert any(row.tracked for row in named)
    assert form in FORMS


@pytest.mark.parametrize(("text", "seconds"), [
    ("2024-01-31 12:00:00", NOON), ("2024-01-31T12:00:00.999Z", NOON), ("2024/1/31 12:00", NOON),
    ("2024-01-31T21:00:00+0900", NOON), ("2024-01-31 04:00:00 -08:00", NOON),
    ("2024-01-31", NOON - 12 * HOUR), ("Wed, 31 Jan 2024 21:00:00 +0900", NOON),
    ("31/Jan/24 12:00 PM", NOON), ("31/Jan/2024 12:00", NOON), ("31/Jan/24 12:00 AM",
                                                                  NOON - 12 * HOUR),
    ("2024-13-31", None), ("6/21/2025 16:14", None), ("yesterday", None), ("", None),
    ("9999-99-99T99:99:99Z", None), ("2024-01-31T12:00:00+99:99", None), ("x" * 1_000_000, None),
])  # fmt: skip
def test_times(text: str, seconds: int | None) -> None:
    assert when(text) == seconds


@given(st.text(max_size=40))
def test_no_text_is_a_time_that_breaks_anything(text: str) -> None:
    when(text)
    when(f"2024-01-31T{text}")


@pytest.mark.parametrize(("text", "numbers"), [
    ("Closes #12", ["#12"]), ("fixes: #1, #2 and #3", ["#1", "#2", "#3"]),
    ("Fix #20, Fixes #21 and Closes ops/tools#22. Related to #17.", ["#20", "#21", "ops/tools#22"]),
    ("Implements #5", ["#5"]), ("resolving issue #6", ["#6"]),
    ("closes https://gitlab.example/web/shop/-/issues/9", ["#9"]),
    ("See #12", []), ("disclosed #12", []), ("closes#12", []), ("Closes #0", []), ("#12", []),
])  # fmt: skip
def test_what_a_description_closes(text: str, numbers: list[str]) -> None:
    home = "gitlab.example/web/shop"
    told = [
        key.id if key.project == home else f"{key.project.partition('/')[2]}{key.id}"
        for key in closed(text, home)
    ]
    assert told == numbers


@given(st.text("closesfx #12,and/a-:. \n", max_size=300))
def test_closing_words_are_found_in_any_text(text: str) -> None:
    assert all(key.id[1:].isdecimal() for key in closed(text, "gitlab.example/web/shop"))
