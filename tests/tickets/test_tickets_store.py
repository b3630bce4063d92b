"""The database of tickets: what is kept of what, what a cut leaves, and whose file it is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.errors import TicketError
from bugguard.tickets import schema
from bugguard.tickets.store import Outcome, Store

HOST = "gitlab.example/web/shop"
SHA = "5333c352" * 5
TEXT = st.text(st.characters(), max_size=200)  # lone surrogates and control characters too


def record(
    name: str = "#12", title: str = "合計が\x1b[2J合わない 🐛", **more: object
) -> TicketRecord:
    return TicketRecord(TicketKey(HOST, name), "gitlab", title, **more)  # type: ignore[arg-type]


def link(commit: str = SHA, why: str = "closed by !34", name: str = "#12") -> TicketLink:
    return TicketLink(TicketKey(HOST, name), commit, why)


def put(store: Store, *args: object, links: tuple[TicketLink, ...] = (), **more: object) -> Outcome:
    with store.changing():
        return store.put(Tracked(args[0] if args else record(), links), **more)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tickets.sqlite3"


@pytest.fixture
def store(path: Path) -> Store:
    return Store.open(path, write=True)


def test_a_record_comes_back_to_the_letter(store: Store) -> None:
    whole = record(
        text="a\r\nb\0c", url="https://gitlab.example/web/shop/-/issues/12",
        labels=("bug", "注文 🛒"), type="incident", state="closed", resolution="moved",
        created=-5, closed=1, updated=2, people=("田中", "Ada"),
    )  # fmt: skip
    assert put(store, whole) is Outcome.NEW
    found = store.ticket(HOST, "#12")
    assert found is not None
    assert (found, store.text(found.key)) == (
        TicketRecord(**{name: getattr(whole, name) for name in whole.__slots__} | {"text": ""}),
        "a\r\nb\0c",
    )


@given(TEXT, TEXT, st.lists(TEXT, max_size=3), TEXT)
def test_whatever_is_put_in_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str, words: list[str], url: str
) -> None:
    store = Store.open(tmp_path_factory.mktemp("any") / "t.sqlite3", write=True)
    hostile = record(title=title, text=text, labels=tuple(words), people=tuple(words), url=url)
    put(store, hostile, links=(link(title, text), link(why=title)))
    [found] = store.every()
    expected = title.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert found.title == expected
    assert found.url == "" or found.url == url
    store.text(found.key).encode("utf-8")
    assert store.digest() != ""


def test_ids_are_found_in_any_case_and_projects_by_any_of_their_names(store: Store) -> None:
    key = TicketKey("https://ADA@Jira.Example:8443/SHOP.git", "Shop-12")
    put(store, TicketRecord(key, "jira", "合計"))
    assert [one.key.project for one in store.named("SHOP-12")] == ["jira.example/shop"]
    assert store.named("SHOP-1") == []


def test_what_is_older_never_replaces_what_is_newer(store: Store) -> None:
    put(store, record(title="new", updated=10))
    assert put(store, record(title="old", updated=9)) is Outcome.OLDER
    assert put(store, record(title="undated")) is Outcome.OLDER
    assert [one.title for one in store.every()] == ["new"]
    assert put(store, record(title="new", updated=11)) is Outcome.SAME
    assert put(store, record(title="newer", updated=11)) is Outcome.CHANGED


def test_a_sync_replaces_its_links_and_an_import_adds_to_them(store: Store) -> None:
    put(store, links=(link(), link("", "closed by !34")))
    put(store, links=(link("a" * 40, "closed by !35"),), synced=False)
    assert [one.why for one in store.links(TicketKey(HOST, "#12"))] == [
        "closed by !34", "closed by !34", "closed by !35",
    ]  # fmt: skip
    put(store, links=(link("b" * 40, "closed by !36"),))
    assert [one.why for one in store.links(TicketKey(HOST, "#12"))] == [
        "closed by !35", "closed by !36",
    ]  # fmt: skip


def test_links_lead_by_commit_and_by_merge_request(store: Store) -> None:
    put(store, links=(link(), link("", "in ops/tools!7, which closes it"), link("HEAD", "no sha")))
    assert [one.why for one in store.answered(SHA)] == ["closed by !34"]
    assert [one.record.key.id for one in store.through(f"{HOST}!34")] == ["#12"]
    assert [one.record.key.id for one in store.through("gitlab.example/ops/tools!7")] == ["#12"]
    assert store.through(f"{HOST}!7") == store.through(f"{HOST}!3") == []
    assert len(store.links(TicketKey(HOST, "#12"))) == 2


def test_a_link_may_come_before_its_ticket(store: Store) -> None:
    with store.changing():
        assert store.link([link()]) == 1
    assert store.answered(SHA) == []
    put(store, synced=False)
    assert [one.record.title for one in store.answered(SHA)] == [record().title]


def test_confidential_tickets_are_kept_only_where_asked_for(store: Store) -> None:
    secret = record(title="geheim", confidential=True)
    assert put(store, secret, links=(link(),)) is Outcome.CONFIDENTIAL
    assert store.totals() == (0, 0, 0)
    assert put(store, secret, confidential=True) is Outcome.NEW
    # One that becomes confidential goes again.
    assert put(store, secret) is Outcome.CONFIDENTIAL
    assert store.totals() == (0, 0, 0)


def test_nothing_of_what_is_forgotten_is_left(store: Store, path: Path) -> None:
    secret = record(title="geheim-1", text="geheim-2" * 5_000, people=("geheim-3",))
    for number in range(200):  # so that pages are split and moved
        put(store, record(f"#{number + 100}", f"title {number} " + "x" * 300))
        put(store, secret, links=(link(why="geheim-4"),))
    assert b"geheim" in path.read_bytes()
    assert store.forget(TicketKey(HOST, "#12"))
    assert not store.forget(TicketKey(HOST, "#12"))
    store.close()
    for file in path.parent.iterdir():
        assert b"geheim" not in file.read_bytes(), file
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_is_forgotten_does_not_come_back(store: Store) -> None:
    put(store)
    store.forget(TicketKey(HOST, "#12"))
    assert put(store) is Outcome.FORGOTTEN
    with store.changing():
        assert store.link([link()]) == 0
    assert store.totals() == (0, 0, 1)
    assert store.recall(TicketKey(HOST, "#12"))
    assert not store.recall(TicketKey(HOST, "#12"))
    assert put(store) is Outcome.NEW


def test_what_is_removed_may_come_back(store: Store) -> None:
    put(store, links=(link(),))
    with store.changing():
        assert store.remove(TicketKey(HOST, "#12"))
    assert (store.totals(), put(store)) == ((0, 0, 0), Outcome.NEW)


def test_the_cursor_never_goes_back_and_each_scope_has_its_own(store: Store) -> None:
    assert store.cursor("gitlab", HOST, "bug") is None
    for seconds in (None, 10, 5, None):
        store.move("gitlab", HOST, "bug", seconds)
    store.move("gitlab", HOST, "any", 3)
    assert store.cursor("gitlab", f"https://{HOST}.git", "bug") == 10
    assert store.cursor("gitlab", HOST, "any") == 3


def test_the_digest_is_one_of_what_counts_for_learning(tmp_path: Path) -> None:
    def digest(*records: TicketRecord, links: tuple[TicketLink, ...] = ()) -> str:
        digest.number += 1  # type: ignore[attr-defined]
        store = Store.open(tmp_path / f"{digest.number}.sqlite3", write=True)  # type: ignore[attr-defined]
        for one in records:
            put(store, one, links=links)
        return store.digest()

    digest.number = 0  # type: ignore[attr-defined]
    one, two = record(), record("#13")
    assert digest() == ""
    assert digest(one, two) == digest(two, one) != digest(one)
    assert digest(one) == digest(record(text="more", updated=5, people=("Ada",), state="closed"))
    others = [record(title="x"), record(labels=("bug",)), record(type="bug"),
              record(resolution="duplicate"), record(url="https://gitlab.example/x")]  # fmt: skip
    assert len({digest(one), *map(digest, others), digest(one, links=(link(),))}) == 7


def test_a_step_happens_whole_or_not_at_all(store: Store, path: Path) -> None:
    def broken(error: type[BaseException]) -> None:
        with store.changing():
            store.put(Tracked(record()))
            raise error

    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            broken(error)
    assert store.totals() == (0, 0, 0)
    put(store)
    assert Store.open(path).totals() == (1, 0, 0)


_KILLED = """
import os, sys
sys.path[:0] = [sys.argv[2]]
from pathlib import Path
from test_tickets_store import *
store = Store.open(Path(sys.argv[1]), write=True)
put(store, record("#1"))
with store.changing():
    for number in range(2, 20_000):
        store.put(Tracked(record(f"#{number}", text="x" * 2_000)))
    os.kill(os.getpid(), 9)
"""


def test_a_process_that_is_killed_leaves_what_was_there(path: Path) -> None:
    """In the middle of writing its pages: the next one rolls them back."""
    done = subprocess.run([sys.executable, "-c", _KILLED, path, Path(__file__).parent], check=False)
    assert done.returncode == -9
    assert path.with_name(f"{path.name}-journal").exists()
    assert Store.open(path).totals() == (1, 0, 0)
    assert not path.with_name(f"{path.name}-journal").exists()


def test_readers_go_on_while_somebody_writes(store: Store, path: Path) -> None:
    put(store)
    with store.changing():
        store.put(Tracked(record("#13")))
        assert Store.open(path).totals() == (1, 0, 0)
    assert Store.open(path).totals() == (2, 0, 0)


def test_two_writers_do_not_mix(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_BUSY", 0.1)
    other = Store.open(path, write=True)
    with store.changing():
        with pytest.raises(TicketError, match="another bugguard is changing the tickets"):
            put(other, record("#13"))
        store.put(Tracked(record()))
    assert put(other, record("#13")) is Outcome.NEW


def test_no_log_is_written_that_a_network_folder_could_not_share(store: Store, path: Path) -> None:
    put(store)
    store.close()
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_a_folder_that_may_only_be_read(store: Store, path: Path) -> None:
    put(store)
    store.close()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        assert Store.open(path).totals() == (1, 0, 0)
        with pytest.raises(TicketError, match="mend the permissions"):
            put(Store.open(path, write=True), record("#13"))
    finally:
        path.parent.chmod(0o755)


def spoilt(path: Path, how: str) -> None:
    Store.open(path, write=True).close()
    if how == "text":
        path.write_text("These are my notes.\n" * 100)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:5_000])
    elif how == "zeros":
        path.write_bytes(b"\0" * 8_192)
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how == "link":
        path.rename(path.with_name("elsewhere"))
        path.symlink_to("elsewhere")
    else:
        database = sqlite3.connect(path)
        database.executescript(how)
        database.close()


FOREIGN = {
    "text": "are damaged",
    "cut": "are damaged",
    "zeros": "are damaged",
    "folder": "is not a regular file",
    "link": "is not a regular file",
    "PRAGMA application_id = 7": "holds no tickets of bugguard's: move it away",
    "PRAGMA user_version = 2": "kept by a newer bugguard: upgrade",
    "PRAGMA user_version = 0": "its tables are not as they should be",
    "DROP TABLE links": "its tables are not as they should be",
    "CREATE TRIGGER t AFTER INSERT ON tickets BEGIN DELETE FROM links; END": "its tables",
    "CREATE VIEW v AS SELECT 1": "its tables are not as they should be",
}


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("how", FOREIGN)
def test_a_file_that_is_somebody_elses_or_damaged(path: Path, how: str, write: bool) -> None:
    spoilt(path, how)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(TicketError, match=FOREIGN[how]) as raised:
        Store.open(path, write=write)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert (path.read_bytes() if path.is_file() else b"") == before


WRONG = {
    "UPDATE tickets SET labels = 'no json'": "Expecting value",
    "UPDATE tickets SET labels = '[1]'": "a list is no list of texts",
    "UPDATE tickets SET people = replace(hex(zeroblob(50000)), '0', '[')": "nested",
    "UPDATE tickets SET title = 5.5, labels = x'00'": "a list is no text",
    "UPDATE tickets SET updated = 'soon'": "updated is no time",
    "UPDATE tickets SET title = cast(x'ff' as text)": "damaged",
}


@pytest.mark.parametrize("how", WRONG)
def test_rows_that_nobody_here_wrote(store: Store, path: Path, how: str) -> None:
    put(store, links=(link(),))
    store.close()
    database = sqlite3.connect(path)
    database.execute(how)
    database.commit()
    for ask in (lambda one: list(one.every()), lambda one: one.answered(SHA)):
        with pytest.raises(TicketError, match=WRONG[how]):
            ask(Store.open(path))


def test_any_byte_that_flips_is_told_or_harmless(store: Store, path: Path) -> None:
    for number in range(50):
        put(store, record(f"#{number}", text="x" * 500), links=(link(name=f"#{number}"),))
    store.close()
    whole = path.read_bytes()
    told = []
    for place in range(0, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            opened = Store.open(path)
            for one in opened.every():
                opened.text(one.key)
            opened.answered(SHA)
            opened.digest()
        except TicketError as error:
            told.append(str(error))
    assert told
    assert not any("\n" in sentence for sentence in told)


@pytest.mark.parametrize("key", [("", "#1"), (HOST, ""), (HOST, " "), ("x" * 501, "#1"),
                                 (HOST, "#" + "1" * 100)])  # fmt: skip
def test_a_key_that_names_nothing(store: Store, key: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"no project|no number or key"):
        put(store, TicketRecord(TicketKey(*key), "gitlab", "title"))
    assert store.totals() == (0, 0, 0)


def test_what_is_too_much_is_cut(store: Store) -> None:
    words = tuple(f"{number}" + "あ" * 1_000 for number in range(1_000))
    links = tuple(link(f"{number:040x}") for number in range(2_000))
    huge = record(
        title="題" * 5_000, text="あ" * 20_000_000, labels=words, people=words,
        url="https://x.example/" + "x" * 5_000, updated=1 << 80,
    )  # fmt: skip
    put(store, huge, links=links)
    [found] = store.every()
    assert len(found.title) == 1_000
    assert len(store.text(found.key).encode()) <= 64 * 1024
    assert set(store.text(found.key)) == {"あ"}
    assert (len(found.labels), len(found.people), found.url, found.updated) == (100, 50, "", None)
    assert max(map(len, found.labels)) == 200
    assert store.totals() == (1, 1_000, 0)


BAD_LINKS = ("javascript:alert(1)", "https://ada:geheim@x.example/1", "//x", "file:///etc/passwd",
             "https://x.example/\x1b[2J", "https://[x")  # fmt: skip


@pytest.mark.parametrize("url", BAD_LINKS)
def test_no_link_but_a_plain_web_address(store: Store, url: str) -> None:
    put(store, record(url=url))
    [found] = store.every()
    assert found.url == ""


def test_an_empty_database_of_another_program_is_left_alone(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA application_id = 7")
    database.close()
    before = path.read_bytes()
    with pytest.raises(TicketError, match="holds no tickets of bugguard's"):
        Store.open(path, write=True)
    assert path.read_bytes() == before


def test_a_path_with_marks_that_mean_something_in_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "a?mode=memory#%20 日本 \udcff"
    folder.mkdir()
    put(Store.open(folder / "t.sqlite3", write=True))
    assert Store.open(folder / "t.sqlite3").totals() == (1, 0, 0)
    assert [file.name for file in folder.iterdir()] == ["t.sqlite3"]


def test_who_only_reads_can_change_nothing(store: Store, path: Path) -> None:
    with pytest.raises(TicketError, match="cannot be read or written"):
        put(Store.open(path))
    assert store.totals() == (0, 0, 0)


def test_what_servers_said_last_is_kept(store: Store) -> None:
    assert store.validators() == {}
    for tag in ('W/"1"', 'W/"2"'):
        with store.changing():
            store.validate({"https://api.example/issues?page=1": tag})
    assert store.validators() == {"https://api.example/issues?page=1": 'W/"2"'}
    with store.changing():
        store.validate({str(n): "x" for n in range(2_000)})
    assert len(store.validators()) == 1_000
