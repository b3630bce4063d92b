"""Addresses of servers: told without credentials, and believed only from the user."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.config import Dsn, load
from bugguard.errors import ConfigError


@pytest.mark.parametrize(
    ("secret", "told"),
    [("postgresql://db.example/acme", "postgresql://db.example/acme"),
     ("postgres://clerk:geheim@db.example:5433/acme", "postgresql://db.example:5433/acme"),
     ("postgresql://clerk@a.example:1,b.example/acme", "postgresql://a.example:1,b.example/acme"),
     ("postgresql://[::1]:5432/acme", "postgresql://[::1]:5432/acme"),
     ("postgresql:///acme?service=team&sslmode=verify-full",
      "postgresql:///acme?service=team&sslmode=verify-full"),
     ("postgresql:///acme?password=geheim&user=clerk&sslpassword=geheim", "postgresql:///acme"),
     ("postgresql:///a?host=%2Frun%2Fpg&options=-c%20bugguard.schema%3Dteam",
      "postgresql:///a?host=/run/pg&schema=team"),
     ("postgresql:///a?options=-c%20app.token%3Dgeheim", "postgresql:///a"),
     ("postgresql://clerk:ge@heim@db.example/acme", "postgresql://db.example/acme"),
     ("postgresql://clerk:ge/he?im#@db.example/acme", "postgresql://db.example/acme"),
     ("postgresql://clerk:geheim/acme", "postgresql://…"),
     ("postgresql://", "postgresql://")],
)  # fmt: skip
def test_told_without_credentials(secret: str, told: str) -> None:
    assert str(Dsn(secret)) == f"{Dsn(secret)}" == told
    assert "geheim" not in repr(Dsn(secret))


@given(st.text(st.characters(exclude_characters="@"), min_size=1), st.text(max_size=9))
def test_no_password_is_told_however_it_is_written(password: str, user: str) -> None:
    dsn = Dsn(f"postgresql://{user}:{password}@db.example/acme")
    assert str(dsn) == "postgresql://db.example/acme"


@pytest.mark.parametrize("value", ["postgresql://h/d", "postgres:///?service=x"])
def test_from_whom_it_is_taken(tmp_path: Path, value: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'index = "{value}"\n')
    for loaded in (
        load(tmp_path, own, {}, {}),
        load(tmp_path, None, {"BUGGUARD_INDEX": value}, {}),
        load(tmp_path, None, {}, {"index": Dsn(value)}),
        load(tmp_path, None, {}, {"index": value}),
        load(None, own, {}, {}),
    ):
        assert loaded.settings.index == Dsn(value)


@pytest.mark.parametrize("name", [".bugguard.toml", "pyproject.toml"])
def test_a_repository_names_none(tmp_path: Path, name: str) -> None:
    head = "[tool.bugguard]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(f'{head}index = "postgresql://u:geheim@h/d"\n')
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, None, {}, {})
    told = f"{name}: index = 'postgresql://h/d' is refused, since a repository may only choose a "
    assert str(raised.value).startswith(told + "folder inside the repository")


@pytest.mark.parametrize("value", [["postgresql://u:geheim@h/d"], "postgresql://u:geheim@h\0/d"])
def test_a_value_that_does_not_fit_is_not_shown(tmp_path: Path, value: object) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, None, {}, {"index": value})
    assert "index must be a text that is not empty, not another value" in str(raised.value)


def test_only_the_index_is_on_a_server(tmp_path: Path) -> None:
    loaded = load(tmp_path, None, {"BUGGUARD_CHECK_BASELINE": "postgresql://h/d"}, {})
    assert isinstance(loaded.settings.check.baseline, Path)
