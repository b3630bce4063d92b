"""Real ``git commit`` with bugguard's hook in its way."""

from __future__ import annotations

from program import Result, execute
from repository import Repository


def commit(repository: Repository, *arguments: str, **variables: str) -> Result:
    repository.clock += 3600
    return execute(repository, ["git", "commit", "-q", "-m", "Work", *arguments], **variables)


def assert_blocked(result: Result, ticket: str = "#12") -> None:
    assert result.code == 1, result
    told = result.out + result.err
    assert "takes back a past fix" in told
    assert ticket in told


def assert_made(result: Result, says: str = "") -> None:
    assert result.code == 0, result
    assert "finding in" not in result.err + result.out
    assert says in result.err + result.out
    assert "not checked" not in result.err
