"""``bugguard check --format``: each place's own format, whole, with the exit codes of any other."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from places import READERS
from program import CLEAN, FINDINGS, USAGE, bugguard, execute
from shop import JAPANESE, REPLACED, Shop

pytestmark = pytest.mark.functional

LINE = 24  #: where the undone fix stands


every_format = pytest.mark.parametrize("name", READERS)


def timeless(text: str) -> str:
    """Without the time that it took, which JUnit and HTML tell."""
    return re.sub(' time="[0-9.]+"|<dd>[0-9.]+ s</dd>', "", text, count=1)


@pytest.fixture
def undone(shop: Shop) -> Shop:
    """With a fix taken back, staged and not committed."""
    shop.stage(shop.undone(REPLACED))
    return shop


@every_format
def test_a_finding_is_named_at_its_line(undone: Shop, name: str) -> None:
    result = bugguard(undone, "check", "--format", name)
    assert (result.code, result.err) == (FINDINGS, "")
    assert READERS[name](result.out) == [(REPLACED.path, LINE)]
    assert "#12" in result.out
    assert "vouchers took more than the order was worth" in result.out


@every_format
def test_nothing_found_is_clean_and_well_formed(shop: Shop, name: str) -> None:
    shop.stage({"shop/new.py": "new_value = make_new()\n"})
    result = bugguard(shop, "check", "--format", name)
    assert (result.code, result.err) == (CLEAN, "")
    assert READERS[name](result.out) == []


@every_format
def test_output_gets_the_same_and_stdout_nothing(undone: Shop, name: str) -> None:
    shown = bugguard(undone, "check", "--format", name).out
    result = bugguard(undone, "check", "--format", name, "--output", "report.out", "--exit-zero")
    assert result == (CLEAN, "", "")
    written = (undone.path / "report.out").read_text("utf-8")
    assert READERS[name](written) == READERS[name](shown)
    assert timeless(written) == timeless(shown)
    assert [f.name for f in undone.path.iterdir() if f.name.startswith(".report")] == []


@every_format
def test_output_that_cannot_be_written_leaves_nothing(undone: Shop, name: str) -> None:
    place = "nowhere/report.out"
    before = sorted(undone.path.rglob("*"))
    result = bugguard(undone, "check", "--format", name, "--output", place)
    assert (result.code, result.out) == (USAGE, "")
    assert place in result.complaint
    recent = undone.path / ".git" / "bugguard" / "recent.json"  # for `bugguard show FINGERPRINT`
    assert [one for one in sorted(undone.path.rglob("*")) if one not in before] in ([], [recent])


@every_format
def test_a_full_disk_leaves_the_old_report_whole(undone: Shop, name: str, tmp_path: Path) -> None:
    """Even root cannot write past the limit on a file's size that this process is given."""
    output = tmp_path / "report.out"
    output.write_text("the old one")
    limited = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
        "from bugguard.cli import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    arguments = ["check", "--format", name, "--output", str(output)]
    result = execute(undone, [sys.executable, "-c", limited, *arguments])
    assert (result.code, result.out) == (USAGE, "")
    assert str(output) in result.complaint
    assert output.read_text() == "the old one"
    assert [f.name for f in tmp_path.iterdir() if f.name.startswith(".")] == []


@every_format
def test_output_to_a_pipe_is_written_there(undone: Shop, name: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        assert bugguard(undone, "check", "--format", name, "--output", pipe).code == FINDINGS
        assert READERS[name](reader.read().decode()) == [(REPLACED.path, LINE)]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@every_format
def test_japanese_is_kept_in_the_plainest_locale(shop: Shop, name: str) -> None:
    shop.stage(shop.undone(JAPANESE))
    result = bugguard(shop, "check", "--format", name, LC_ALL="C", LANG="C")
    assert result.code == FINDINGS
    [(path, _)] = READERS[name](result.out)
    assert path == JAPANESE.path
    shown = result.out
    if name == "junit":
        shown = "".join(ET.fromstring(shown).itertext())  # noqa: S314 - our own
    elif name in ("sarif", "gitlab"):
        shown = json.dumps(json.loads(shown), ensure_ascii=False)
    assert "数量が上書きされる不具合を修正" in shown


@every_format
@pytest.mark.parametrize("path", ["a b.py", "決済/計算.py", "x%0Ay.py", 'it\'s "q",:.py'])
def test_odd_paths_are_named_as_they_are(shop: Shop, name: str, path: str) -> None:
    shop.commit({path: shop.read(REPLACED.path)}, "Move the prices")
    shop.commit({path: shop.read(path).replace(REPLACED.buggy, REPLACED.fixed)}, "More prices")
    shop.stage({path: shop.read(path).replace(REPLACED.fixed, REPLACED.buggy)})
    result = bugguard(shop, "check", "--format", name, "--threshold", "0.01")
    assert result.code == FINDINGS, result
    assert {one for one, _ in READERS[name](result.out)} == {path}


@every_format
def test_a_renamed_file_has_its_new_name(shop: Shop, name: str) -> None:
    [(path, content)] = shop.undone(REPLACED).items()
    shop.git("mv", path, "shop/costs.py")
    shop.stage({"shop/costs.py": content})
    result = bugguard(shop, "check", "--format", name)
    assert result.code == FINDINGS
    assert READERS[name](result.out) == [("shop/costs.py", LINE)]


@every_format
def test_a_silenced_finding_fails_nothing(shop: Shop, name: str) -> None:
    [(path, content)] = shop.undone(REPLACED).items()
    line = REPLACED.buggy.rstrip("\n")
    shop.stage({path: content.replace(line, f"{line}  # bugguard: ignore[#12] meant")})
    result = bugguard(shop, "check", "--format", name)
    assert result.code == CLEAN
    if name == "sarif":
        [one] = json.loads(result.out)["runs"][0]["results"]
        assert one["suppressions"][0]["kind"] == "inSource"
    else:
        assert READERS[name](result.out) == []


@every_format
def test_the_same_change_has_the_same_report(undone: Shop, name: str) -> None:
    first, second = (bugguard(undone, "check", "--format", name).out for _ in range(2))
    assert timeless(first) == timeless(second)


def test_candidates_are_for_people_and_programs_only(undone: Shop) -> None:
    for name, reader in READERS.items():
        arguments = ("--threshold", "1", "--candidates", "5")
        result = bugguard(undone, "check", "--format", name, *arguments)
        assert (result.code, reader(result.out)) == (CLEAN, [])


def test_an_unknown_format_is_refused(undone: Shop) -> None:
    result = bugguard(undone, "check", "--format", "xml")
    assert (result.code, result.out) == (USAGE, "")
    assert "junit" in result.err
