"""Fixes that are only offered: what new code in other words may call for again."""

from __future__ import annotations

import numpy as np
from memory_index import LetterEncoder, MemoryIndex, change, hunk

from bugguard.domain import Channel
from bugguard.match.matcher import OFFERED, Matcher
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit
from bugguard.pipeline.check import chosen

LEAK = (
    "a" * 40,
    "Fix leak of dictionary iterators (#1)",
    hunk(
        "    iterator = dictGetIterator(server.channels);\n"
        "    while ((entry = dictNext(iterator)) != NULL) {\n"
        "        count += channelSize(entry);\n"
        "    }\n"
        "    return count;\n",
        "    iterator = dictGetIterator(server.channels);\n"
        "    while ((entry = dictNext(iterator)) != NULL) {\n"
        "        count += channelSize(entry);\n"
        "    }\n"
        "    dictReleaseIterator(iterator);\n"
        "    return count;\n",
        "channels.c",
    ),
)
PARSE = (
    "b" * 40,
    "Fix wrong column in parser errors (#2)",
    hunk(
        "    report_error(parser, token.line, token.start);\n",
        "    report_error(parser, token.line, token.start - parser.line_start);\n",
        "parser.c",
    ),
)
NEW = hunk(
    "void listClients(void) {\n}\n",
    "void listClients(void) {\n"
    "    dictIterator *di = dictGetIterator(server.clients);\n"
    "    for (dictEntry *de; (de = dictNext(di)); )\n"
    "        replyWithClient(dictGetVal(de));\n"
    "}\n",
    "clients.c",
)
NOTHING = hunk("int a;\n", "int a;\ndouble ratio_of_widths = width_of(left) / 2;\n", "shapes.c")


def listed(patch: str, offers: int, known: list[bool] | None = None) -> list[tuple[str, float]]:
    index = MemoryIndex(LEAK, PARSE)
    mask = None if known is None else np.array(known)
    matcher = Matcher(index, LetterEncoder(), edit, embedded_text, mask)
    return [
        (match.fix.sha[0], match.score)
        for match in matcher.match(change(patch), offers)
        if match.evidence.channel is Channel.REPEAT_NAMES
    ]


def test_a_fix_of_the_same_call_in_other_code_is_offered_first() -> None:
    [(fix, score), *_] = listed(NEW, 5)
    assert fix == "a"
    assert 0 < score <= OFFERED


def test_twin_nothing_is_offered_for_code_with_no_name_in_common() -> None:
    assert listed(NOTHING, 5) == []


def test_nothing_is_offered_unless_asked_for() -> None:
    assert listed(NEW, 0) == []


def test_a_fix_that_was_not_there_yet_is_not_offered() -> None:
    assert "a" not in [fix for fix, _ in listed(NEW, 5, [False, True])]


def test_no_more_than_asked_for() -> None:
    both = NEW + NOTHING.replace("ratio_of_widths", "token").replace("width_of", "report_error")
    assert len(listed(both, 2)) == 2
    assert len(listed(both, 1)) == 1


def test_what_is_only_offered_is_no_finding_at_any_threshold() -> None:
    matcher = Matcher(MemoryIndex(LEAK, PARSE), LetterEncoder(), edit, embedded_text)
    matches = matcher.match(change(NEW), 5)
    reported, rest = chosen(matches, 0.0)
    assert any(match.offered for match in rest)
    assert not any(match.offered for match in reported)


def test_offers_take_nothing_away_from_what_is_matched() -> None:
    matcher = Matcher(MemoryIndex(LEAK, PARSE), LetterEncoder(), edit, embedded_text)
    for patch in (NEW, NOTHING, LEAK[2], PARSE[2]):
        matched = matcher.match(change(patch))
        with_offers = matcher.match(change(patch), 5)
        assert [match for match in with_offers if not match.offered] == matched
