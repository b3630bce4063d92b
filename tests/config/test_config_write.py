from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.config.write import write_threshold
from bugguard.errors import ConfigError

toml: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

PYPROJECT = """\
# ours
[project]
name = "shop"   # a shop
dependencies = [
  "click",  # for the command line
]

[tool.bugguard]
index = 'index'

[tool.other]
x = {a = 1,b=2}
"""


def test_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'bugguard'\n")
    assert write_threshold(tmp_path, 0.057, "told by 9 commits") == ".bugguard.toml"
    text = (tmp_path / ".bugguard.toml").read_text()
    assert text == "[check]\nthreshold = 0.057 # told by 9 commits\n"
    assert (tmp_path / "pyproject.toml").read_text() == "[project]\nname = 'bugguard'\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".bugguard.toml", "pyproject.toml"]


def test_pyproject_where_it_has_our_table(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(PYPROJECT)
    assert write_threshold(tmp_path, 0.6, "why") == "pyproject.toml"
    before, after = PYPROJECT.splitlines(), file.read_text().splitlines()
    assert [line for line in after if line in before and line] == [line for line in before if line]
    new = [line for line in after if line not in before]
    assert new == ["[tool.bugguard.check]", "threshold = 0.6 # why"]
    assert not (tmp_path / ".bugguard.toml").exists()


def test_the_file_that_overrules_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / ".bugguard.toml").write_text("[check]\nthreshold = 0.5\n")
    assert write_threshold(tmp_path, 0.6, "why") == ".bugguard.toml"
    assert (tmp_path / "pyproject.toml").read_text() == PYPROJECT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[check]\nthreshold = 0.5 # old\nmax_hunks=7  # few\n",
         "[check]\nthreshold = 0.6 # why\nmax_hunks=7  # few\n"),
        ("check.max_hunks = 7\n", None),
        ("check.threshold = 0.5\nindex = 'x'\n", "check.threshold = 0.6 # why\nindex = 'x'\n"),
        ("[check]\nmax_hunks = 7", None),
        ("# only a remark", None),
        ("[learn]\r\nsince = '2020-01-01'\r\n\r\n[check]\r\nthreshold = 0.1\r\n",
         "[learn]\r\nsince = '2020-01-01'\r\n\r\n[check]\r\nthreshold = 0.6 # why\r\n"),
        ("[learn]\nexclude = ['日本']\n", None),
    ],
)  # fmt: skip
def test_all_else_stays(tmp_path: Path, before: str, after: str | None) -> None:
    file = tmp_path / ".bugguard.toml"
    file.write_bytes(before.encode())
    write_threshold(tmp_path, 0.6, "why")
    written = file.read_bytes().decode()
    wanted = toml.loads(before)
    wanted.setdefault("check", {})["threshold"] = 0.6
    assert toml.loads(written) == wanted
    assert before.strip() in written or after is not None
    assert "threshold = 0.6 # why" in written
    assert after is None or written == after


@given(st.dictionaries(st.sampled_from(["max_hunks", "max_file_kb"]), st.integers(1, 99)),
       st.floats(0, 1).map(lambda value: round(value, 3)))  # fmt: skip
def test_written_twice_is_written_once(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, int], threshold: float
) -> None:
    folder = tmp_path_factory.mktemp("config")
    file = folder / ".bugguard.toml"
    file.write_text("[check]\n" + "".join(f"{name} = {value}\n" for name, value in table.items()))
    write_threshold(folder, threshold, "why")
    once = file.read_text()
    write_threshold(folder, threshold, "why")
    assert file.read_text() == once
    assert toml.loads(once)["check"] == {**table, "threshold": threshold}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    target = tmp_path / "config" / "bugguard.toml"
    target.write_text("[check]\nthreshold = 0.5\n")
    target.chmod(0o640)
    (tmp_path / ".bugguard.toml").symlink_to("config/bugguard.toml")
    write_threshold(tmp_path, 0.6, "why")
    assert (tmp_path / ".bugguard.toml").is_symlink()
    assert target.read_text() == "[check]\nthreshold = 0.6 # why\n"
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("inside", [False, True])
def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path, inside: bool) -> None:
    """Out of the repository, or into git's own folder: a hostile clone could have it written."""
    root = tmp_path / "root"
    (root / ".git").mkdir(parents=True)
    target = root / ".git" / "config.toml" if inside else tmp_path / "other.toml"
    (root / ".bugguard.toml").symlink_to(target)
    with pytest.raises(ConfigError, match="leads out of the repository"):
        write_threshold(root, 0.6, "why")
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (".bugguard.toml", b"[check\n", "is not valid TOML"),
        (".bugguard.toml", b"\xff", "is not valid TOML"),
        ("pyproject.toml", b"[tool]\nbugguard = {check = {threshold = 0.5}}\n", "by hand"),
        (".bugguard.toml", b"check = {max_hunks = 7}\n", "by hand"),
    ],
)
def test_what_cannot_be_changed_stays_as_it_is(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        write_threshold(tmp_path, 0.6, "why")
    assert (tmp_path / name).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [name]
