"""GitHub workflow commands, which its runner turns into annotations of a pull request's lines.

Escaped as the runner undoes it (``ActionCommand`` of actions/runner): ``%``, line ends and, in
properties, ``:`` and ``,``. A line that begins with a command is never looked through for another,
and every line here does.
"""

from __future__ import annotations

from collections.abc import Iterator

from bugguard.report import excerpt
from bugguard.report.escape import encodable, terminal
from bugguard.report.model import Report
from bugguard.report.region import region
from bugguard.report.sentence import ids, lines, short
from bugguard.report.told import Standing, Told, strongest, told
from bugguard.report.words import count

SHOWN = 10  #: annotations of one kind that GitHub shows of a step; of a job it shows 50
CODE = 6  #: lines of the fix that an annotation quotes
NOTE = 1_000  #: columns of a remark

_KINDS = {
    Standing.ALARM: "error",
    Standing.SUGGESTED: "warning",
    Standing.UNRELATED: "notice",
    Standing.SILENCED: "notice",
}


def render(report: Report) -> str:
    """One command a line, the strongest finding first; empty where there is nothing to say.

    Of each kind there are no more than GitHub shows, and a last notice says how many are missing.
    """
    commands: list[str] = []
    left = {"error": SHOWN, "warning": SHOWN, "notice": SHOWN - 1}  # one for the last notice
    dropped = 0
    for one in strongest(told(report)):
        kind = _KINDS[one.standing]
        if left[kind]:
            left[kind] -= 1
            commands.append(_annotation(kind, one))
        else:
            dropped += 1
    notes = [short(note, NOTE) for note in report.notes if note.strip()]
    for note in notes[: left["notice"]]:
        commands.append(_command("notice", {"title": "bugguard"}, [note]))
    if dropped:
        missing = count(dropped, "more finding is", "more findings are")
        said = f"{missing} not shown here: GitHub shows {SHOWN} annotations of a kind. "
        commands.append(_command("notice", {"title": "bugguard"}, [said + "The log of a run "
            "with --format text lists all."]))  # fmt: skip
    return "".join(f"{command}\n" for command in commands)


def _annotation(kind: str, one: Told) -> str:
    match = one.finding.match
    place = region(match)
    ticket = ids(match.fix)
    properties = {
        "file": _path(match.hunk.path),
        "line": str(place.line),
        "endLine": str(place.end_line),
        "title": f"{match.rule.id} {match.rule.says}{f': {ticket}' if ticket else ''}",
    }
    return _command(kind, properties, [*lines(one), "The fix:", *excerpt.fix(match, CODE)])


def _command(kind: str, properties: dict[str, str], text: list[str]) -> str:
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(_tamed(chr(10).join(text)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(_tamed(text)).replace(":", "%3A").replace(",", "%2C")


def _tamed(text: str) -> str:
    """Without what older runners, and other CI services, take for a command within a line."""
    return encodable(text).replace("##[", "## [").replace("##vso[", "## vso[")


def _path(path: str) -> str:
    """As it is, so that GitHub finds the file; but nothing that steers who reads the log."""
    if path.isprintable():
        return path
    return "".join(_parts(path))


def _parts(path: str) -> Iterator[str]:
    for character in path:
        yield character if character in "\t\r\n" else terminal(character)
