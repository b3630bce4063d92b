"""Files that are no exports, broken or hostile: one sentence each, and nothing hangs."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import hypothesis.strategies as st
import pytest
from exports import (
    GITLAB_CSV,
    GITLAB_EXPORT,
    JIRA_XML,
    archive,
    exported_issue,
    github_issue,
    gitlab_issue,
    lines,
)
from hypothesis import given

from bugguard.errors import TicketError
from bugguard.tickets.imports import Notes, read
from bugguard.tickets.imports.record import Context, Row

HERE = Context(fallback="gitlab.example/web/shop")


def taken(path: Path, data: bytes | str, form: str = "") -> list[Row]:
    file = path / "export"
    file.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    return list(read(file, form, HERE, Notes()))


def refused(path: Path, data: bytes | str, form: str = "") -> str:
    """The one sentence about a file that cannot be read to its end."""
    with pytest.raises(TicketError) as raised:
        taken(path, data, form)
    sentence = str(raised.value)
    assert sentence.startswith(str(path / "export"))
    assert "\n" not in sentence
    return sentence


NO_EXPORTS = {
    b"": "it is empty",
    b" \r\n ": "it is empty",
    b"<!DOCTYPE html><html><body>Sign in": "it is a web page and no export",
    b"<html>": "it is a web page and no export",
    b"PK\x03\x04 and so on": "it is an Excel workbook or another archive",
    b"\xd0\xcf\x11\xe0 and so on": "it is an old Excel workbook",
    b"\x7fELF\0\0\0\0": "it is no text",
    b"name,age\nAda,36\n": "its first line does not have the columns of a known export",
    b"Title\nx\n": "its first line does not have the columns of a known export",
    b"just words\n": "its first line does not have the columns of a known export",
    b"<feed/>": "it begins with <feed>, and Jira's exports begin with <rss>",
    b"<rss><channel>": "line 1 is not as XML must be",
    b"\x1f\x8b\x08 and so on": "it is not a whole .tar.gz file",
    GITLAB_EXPORT[: len(GITLAB_EXPORT) // 2]: "it is not a whole .tar.gz file",
    gzip.compress(b"x" * 1000, mtime=0): "it is not a whole .tar.gz file",
    archive({"notes.txt": b"x"}): "so it is no export of a GitLab project",
    b'[{"iid": 1, "title": "x"},\n{"iid"': "line 2 is not JSON",
    b'[{"iid": 1, "title": "x"}\n': "its list has no end",
    b'[{"iid": 1, "title": "x"},\n': "its list has no end",
    b"[{]": "line 1 is not JSON",
    b"[" * 100_000: "line 1",
    b'{"a":' * 100_000: "line 1",
    b"Title,Issue ID,State\n\xff\xfd\x80,1\n\n\x81\xff": "line 2 is neither UTF-8 nor Shift_JIS",
    b'Title,Issue ID,State\nx,1,Open\n"never closed,2,Open\n': "cannot be read as CSV",
}


@pytest.mark.parametrize("data", NO_EXPORTS)
def test_what_is_no_export_or_was_cut(tmp_path: Path, data: bytes) -> None:
    assert NO_EXPORTS[data] in refused(tmp_path, data)


def test_a_name_that_leads_nowhere(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(TicketError, match=r"does not exist|is not a regular file"):
            list(read(path, "", HERE, Notes()))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TicketError, match="is not a regular file"):
        list(read(tmp_path / "pipe", "", HERE, Notes()))


BAD_ROWS = {
    "Title,Issue ID,State\n,1,Open\n": (2, "it has no title"),
    'Title,Issue ID,State\n\n"a\nb",x,Open\n': (3, "it has no number"),
    "Title,Issue ID,State\nx,0,Open\n": (2, "it has no number"),
    "Title,Issue ID,State\nx,١٢,Open\n": (2, "it has no number"),
    "Summary,Issue key\nx,12\n": (2, "it has no key such as SHOP-12"),
    "Summary,Issue key\n,SHOP-12\n": (2, "it has no summary"),
    '{"id": "#1"}\n{"id": "#2", "title": "x"}\n': (1, "it is not a ticket of any form known here"),
    '\n{"id": "#2", "title": 5}': (2, "'title' is no text"),
    '{"id": "#2", "title": "x", "label": ["bug"]}': (1, "did you mean 'labels'?"),
    '{"id": "#2", "title": "x", "labels": "bug"}': (1, "'labels' is not a list of texts"),
    '{"id": "#2", "title": "x", "updated": "soon"}': (1, "'updated' is no time"),
    '{"id": "#2", "title": "x", "updated": 1e999}': (1, "'updated' is no time"),
    '{"id": "#2", "title": "x", "confidential": "no"}': (1, "neither true nor false"),
    '{"id": "#2", "title": "x", "links": {"commit": 1}}': (1, "'links' is not a list of objects"),
    '{"id": "#1", "title": "x"}\n{"id": "#2", "ti': (2, "it is not JSON"),
    '{"id": "#1", "title": "x"}\n' + "[" * 100_000: (2, "it is nested too deeply"),
    '{"id": "#1", "title": "x"}\n[1]\n': (2, "it is no JSON object"),
    "[1, 2]": (1, "it is no JSON object"),
    '[{"iid": 1,\n"title": "x"},\n{"iid": null, "title": "y"}]': (3, "it has no number"),
    '[{"iid": {}, "title": "y"}]': (1, "it has no number"),
    '[{"number": 1, "title": null}]': (1, "it has no title"),
}


@pytest.mark.parametrize("data", BAD_ROWS)
def test_a_bad_row_is_told_with_its_line_and_the_rest_goes_on(tmp_path: Path, data: str) -> None:
    rows = taken(tmp_path, data)
    told = [(row.line, row.problem) for row in rows if row.problem]
    line, problem = BAD_ROWS[data]
    assert (told[0][0], problem in told[0][1]) == (line, True), told
    assert sum(1 for row in rows if row.tracked) == len(rows) - len(told)


def test_whoever_names_a_form_is_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    assert "does not have the columns 'Issue ID', 'Title', 'State'" in refused(
        tmp_path, "Name,Age\n", "gitlab-csv"
    )
    [row] = taken(tmp_path, lines(github_issue()), "gitlab-json")
    assert row.problem == "it is not a ticket of the form gitlab-json"
    [row] = taken(tmp_path, '{"id": 7}', "jsonl")
    assert "it has no title" in row.problem


XML_ATTACKS = {
    "entities": '<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><rss>&b;</rss>',
    "external": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
    "external types": '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><rss></rss>',
    "parameters": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><rss></rss>',
}


@pytest.mark.parametrize("attack", XML_ATTACKS)
def test_a_document_that_declares_anything_is_refused(tmp_path: Path, attack: str) -> None:
    told = refused(tmp_path, XML_ATTACKS[attack], "jira-xml")
    assert "line 1 declares types or entities of its own" in told


def test_xml_that_is_nested_deeply_is_refused(tmp_path: Path) -> None:
    assert "is nested too deeply" in refused(tmp_path, "<rss>" + "<a>" * 1_000_000)


def test_an_entity_that_nobody_declared(tmp_path: Path) -> None:
    spoilt = JIRA_XML.replace("Bug</type>", "&bug;</type>")
    assert "is not as XML must be (undefined entity)" in refused(tmp_path, spoilt)


BIG = 50 << 20
HUGE = {
    "csv": lambda text: GITLAB_CSV.replace("再現手順", text),
    "json": lambda text: json.dumps([gitlab_issue(description=text)]),
    "jsonl": lambda text: lines(github_issue(body=text)).decode(),
    "xml": lambda text: JIRA_XML.replace("再現手順", text),
    "markup": lambda text: JIRA_XML.replace("再現手順", "&lt;" * (len(text) // 4)),
    "export": lambda text: archive(
        {"tree/project/issues.ndjson": lines(exported_issue(description=text))}
    ),
}


@pytest.mark.parametrize("form", HUGE)
def test_a_description_of_50_mb_is_taken_in_and_cut(tmp_path: Path, form: str) -> None:
    from bugguard.tickets.store import Store

    started = time.monotonic()
    rows = taken(tmp_path, HUGE[form]("x" * BIG))
    with Store.open(tmp_path / "t.sqlite3", write=True) as store, store.changing():
        for row in rows:
            assert row.tracked is not None
            store.put(row.tracked)
        assert store.totals()[0] == 1
        assert len(store.text(next(store.every()).key)) <= 64 * 1024
    assert (tmp_path / "t.sqlite3").stat().st_size < 1 << 20
    assert time.monotonic() - started < 60


def test_many_columns_and_many_rows_take_linear_time(tmp_path: Path) -> None:
    started = time.monotonic()
    header = "Title,Issue ID,State" + ",Labels" * 100_000
    rows = taken(tmp_path, f"{header}\nx,1,Open{',bug' * 100_000}\n")
    assert rows[0].tracked is not None
    assert len(taken(tmp_path, "[" + ",\n".join(["{}"] * 100_000) + "]")) == 100_000
    assert time.monotonic() - started < 30


@given(st.binary(max_size=200), st.sampled_from([
    b"", b"Title,Issue ID,State\n", b"[", b'[{"iid":1,"title":', b"<rss><channel><item>",
    b"\x1f\x8b\x08", b'{"id":"#1","title":"x"}\n', b"\xff\xfe", b"Summary,Issue key\n",
]))  # fmt: skip
def test_no_bytes_break_a_reader(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes, start: bytes
) -> None:
    try:
        rows = taken(tmp_path_factory.mktemp("any"), start + garbage)
    except TicketError:
        return
    assert all((row.tracked is not None) != bool(row.problem) or row.links == () for row in rows)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = sorted({*gitlab_issue(), *github_issue(), *exported_issue(), "merge_commit_sha", "links",
                 "mergeCommit", "closingIssuesReferences", "source_branch", "merge_request_diff",
                 "people", "text", "commits", "html_url", "user", "body"})  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=12))
def test_no_value_in_any_field_breaks_a_reader(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]
) -> None:
    from bugguard.tickets.store import Store

    folder = tmp_path_factory.mktemp("any")
    rows = taken(folder, json.dumps([value, {"issues": [value]}]))
    with Store.open(folder / "t.sqlite3", write=True) as store, store.changing():
        for row in rows:
            store.link(row.links)
            if row.tracked:
                store.put(row.tracked)
