"""Files, names and changes of every kind that a repository can hold."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from program import CLEAN, FINDINGS, USAGE, bugguard, execute
from repository import Repository
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional

#: How a file's lines can end, and what can stand in them.
SPELLINGS = {
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "a lone carriage return": lambda text: text.replace(b"# end", b"# e\rnd"),
    "invalid utf-8": lambda text: text.replace(b"# end", b"# \xff\xfe\x80"),
    "a line separator": lambda text: text.replace(b"# end", "# \u2028\u0085".encode()),
    "no newline at the end": lambda text: text.rstrip(b"\n"),
    "a form feed": lambda text: text.replace(b"# end", b"# \f\v\x1c\x1d"),
}

NAMES = (
    b"with space.py", b"tab\there.py", b"line\nbreak.py", b"quote\"'.py", b"back\\slash.py",
    b"-dash.py", b"\xff\xfe.py", "日本語.py".encode(), b":(exclude)x.py", b"*.py",
    b"\x1b[31mred.py", b"a => b.py", b"{a => b}.py",
)  # fmt: skip

BUGGY = b"def spread(values):\n    total = sum(values)\n    return total / len(values)  # end\n"
FIXED = BUGGY.replace(b"/ len(values)", b"/ max(len(values), 1)")


@pytest.fixture(params=SPELLINGS)
def spelled(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Repository, bytes, bytes]:
    """A repository in which BUGGY was fixed, both spelled in one of the ways."""
    spell = SPELLINGS[request.param]
    buggy, fixed = spell(BUGGY), spell(FIXED)
    repository = Repository(tmp_path / "r")
    repository.git("config", "core.autocrlf", "false")
    repository.commit({"spread.py": buggy}, "Add spread")
    message = "fix: empty lists divided by zero (#3)\r\n\r\nA body\rwith \u2028 it all."
    repository.commit({"spread.py": fixed}, message)
    return repository, buggy, fixed


def test_every_spelling_is_learned_and_checked(spelled: tuple[Repository, bytes, bytes]) -> None:
    repository, buggy, _ = spelled
    assert bugguard(repository, "index", "build").code == CLEAN
    repository.stage({"spread.py": buggy})
    result = bugguard(repository, "check", "--format", "json")
    assert result.code == FINDINGS, result
    [finding] = result.json["findings"]
    assert (finding["rule"], finding["line"]) == ("BG001", 3)
    text = bugguard(repository, "check")
    assert not set(text.out) & set("\r\x1b\f\v\x1c\x1d\x85\u2028")
    assert bugguard(repository, "index", "update").code == CLEAN
    assert bugguard(repository, "show", "#3").code == CLEAN


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_every_name_is_learned_checked_and_shown(tmp_path: Path, name: bytes) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({name: BUGGY}, "Add spread")
    repository.commit({name: FIXED}, "fix: empty lists divided by zero (#3)")
    assert bugguard(repository, "index", "build").code == CLEAN
    repository.stage({name: BUGGY})
    result = bugguard(repository, "check", "--format", "json")
    assert result.code == FINDINGS
    [finding] = result.json["findings"]
    if b"\xff" not in name:
        assert os.fsencode(finding["path"]) == name
    text = bugguard(repository, "check")
    assert text.code == FINDINGS
    assert not set(text.out) & set("\t\x1b")
    assert text.out.count("BG001") == 1
    patch = repository.git("diff", "--cached")
    assert bugguard(repository, "check", "--patch", "-", stdin=patch).code == FINDINGS


def test_a_bug_in_a_file_that_is_gone(shop: Shop) -> None:
    """The fix is remembered though its file was deleted, and told when the bug comes back."""
    [buggy] = shop.undone(REPLACED).values()
    shop.commit({REPLACED.path: None}, "Drop the prices")
    assert bugguard(shop, "index", "update").code == CLEAN
    shop.stage({REPLACED.path: buggy})
    result = bugguard(shop, "check")
    assert result.code == FINDINGS
    assert "#12" in result.out


def test_a_fix_that_deletes_its_file(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({"spread.py": BUGGY, "other.py": "other_value = 1\n"}, "Add spread")
    repository.commit({"spread.py": None}, "fix: wrong module was imported (#5)")
    assert bugguard(repository, "index", "build").code == CLEAN
    repository.stage({"spread.py": BUGGY})
    assert bugguard(repository, "check").code in (CLEAN, FINDINGS)


def test_what_is_not_looked_at_is_said(shop: Shop) -> None:
    shop.stage({
        "shop/binary.py": b"\0\1\2" * 1000,
        "shop/huge.py": b"value = make_a_value(1)\n" * 60_000,
        "vendor/lib.js": "var vendored = true;\n",
        "package-lock.json": "{}\n",
        "web/basket.min.js": "function a(){}\n",
        "README.md": "Shop\n",
    })  # fmt: skip
    result = bugguard(shop, "check", "--format", "json")
    assert result.code == CLEAN
    skipped = {entry["path"]: entry["reason"] for entry in result.json["stats"]["skipped"]}
    assert skipped == {
        "shop/binary.py": "binary or too large",
        "shop/huge.py": "binary or too large",
        "vendor/lib.js": "vendored",
        "package-lock.json": "generated",
        "web/basket.min.js": "generated",
        "README.md": "docs",
    }
    text = bugguard(shop, "check")
    assert text.out.startswith("0 hunks checked\n6 files skipped: ")


def test_a_change_of_5000_hunks_is_bounded_and_says_so(shop: Shop) -> None:
    def files(value: str) -> dict[str, str]:
        return {
            f"shop/many_{number:02d}.py": "".join(
                f"value_{line} = {value if line % 10 == 0 else 'keep'}({number}, {line})\n"
                for line in range(1000)
            )
            for number in range(50)
        }

    shop.commit(files("old"), "Add many")
    assert bugguard(shop, "index", "update").code == CLEAN
    shop.stage(files("new") | shop.undone(REPLACED))
    result = bugguard(shop, "check", "--format", "json")
    assert result.code == FINDINGS
    stats = result.json["stats"]
    assert stats["hunks"] <= 2000
    assert {entry["reason"] for entry in stats["skipped"]} == {"too many hunks"}
    assert stats["hunks"] + 100 * len(stats["skipped"]) == 5001
    assert "files skipped" in bugguard(shop, "check").out
    assert bugguard(shop, "hook").code == FINDINGS


def test_one_line_of_a_megabyte(shop: Shop) -> None:
    shop.stage({"shop/wide.py": "wide_value = [" + "1, " * 300_000 + "]\n"})
    assert bugguard(shop, "check").code == CLEAN


def test_programs_that_a_repository_names_are_not_run(shop: Shop, tmp_path: Path) -> None:
    """Config, attributes and a file-system monitor that would leave a trace if they ran."""
    trace = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> {trace}\ncat\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for setting in ("core.fsmonitor", "core.pager", "diff.external", "diff.evil.command",
                    "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge",
                    "gpg.program", "core.sshCommand", "core.editor", "core.askPass",
                    "credential.helper", "interactive.diffFilter"):  # fmt: skip
        shop.git("config", setting, str(program))
    shop.git("config", "log.showSignature", "true")
    shop.stage(shop.undone(REPLACED))
    shop.write(".gitattributes", "* diff=evil filter=evil\n")
    trace.unlink(missing_ok=True)  # git itself may have run it for us
    for command in (["check"], ["check", "--commit", "HEAD"], ["index", "build"], ["hook"],
                    ["init"], ["show", "#12"], ["index", "explain", "HEAD"]):  # fmt: skip
        assert bugguard(shop, *command).code in (CLEAN, FINDINGS)
        assert not trace.exists(), (command, trace.read_text())


def test_a_branch_with_an_evil_name(shop: Shop) -> None:
    name = "--output=pwned"
    shop.git("update-ref", f"refs/heads/{name}", "HEAD")
    assert bugguard(shop, "check", "--commit", name).code in (CLEAN, USAGE)
    assert bugguard(shop, "check", "--range", f"{name}..HEAD").code in (CLEAN, USAGE)
    assert bugguard(shop, "index", "build", "--branch", name).code in (CLEAN, USAGE)
    assert not any(path.name.startswith("pwned") for path in shop.path.iterdir())


def test_escape_sequences_in_a_message_reach_no_terminal(shop: Shop) -> None:
    edit = ('return f"{year}-{counter}"', 'return f"{year:04d}-{counter:06d}"')
    message = "fix: invoices \x1b]0;owned\x07\x1b[2J sorted wrongly (#90)\n\nBody \x1b[31m\x9b2J"
    shop.commit(shop.replaced(REPLACED.path, edit), message)
    assert bugguard(shop, "index", "update").code == CLEAN
    shop.stage(shop.replaced(REPLACED.path, edit[::-1]))
    for command in (["check"], ["show", "#90"], ["index", "explain", "HEAD"]):
        result = bugguard(shop, *command)
        assert result.code in (CLEAN, FINDINGS)
        assert "#90" in result.out
        assert not set(result.out + result.err) & set("\x1b\x07\x9b")


def test_sha256_repositories(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r", "--object-format=sha256")
    repository.commit({"spread.py": BUGGY}, "Add spread")
    repository.commit({"spread.py": FIXED}, "fix: empty lists divided by zero (#3)")
    assert bugguard(repository, "init").code == CLEAN
    repository.stage({"spread.py": BUGGY})
    assert bugguard(repository, "check").code == FINDINGS


def test_a_locale_that_knows_no_unicode(shop: Shop) -> None:
    [content] = shop.undone(REPLACED).values()
    shop.stage({REPLACED.path: content.replace(REPLACED.buggy, REPLACED.buggy[:-1] + "  # 税\n")})
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = bugguard(shop, "check", **plain)
    assert result.code == FINDINGS
    assert bugguard(shop, "show", "#78", **plain).code == CLEAN
    assert bugguard(shop, "check", "--output", "r.txt", **plain).code == FINDINGS


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_closed_stream(shop: Shop, stream: str) -> None:
    shop.stage(shop.undone(REPLACED))
    closing = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-"}[stream]
    patch = "--patch -" if stream == "stdin" else ""
    result = execute(shop, ["sh", "-c", f"bugguard check {patch} {closing}"])
    assert result.code == (USAGE if stream == "stdin" else FINDINGS), result
    assert "Traceback" not in result.err


def test_a_reader_that_leaves(shop: Shop) -> None:
    for number in range(30):
        shop.stage({f"copy{number}/prices.py": shop.undone(REPLACED)[REPLACED.path]})
    result = execute(shop, ["sh", "-c", "bugguard check | head -n 1"])
    assert result.code == 0
    assert result.err == ""
