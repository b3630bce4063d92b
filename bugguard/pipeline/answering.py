"""Which of a message's references the commit answers, and which it only mentions.

"Fix crash since #12" mentions the feature #12 and repairs another thing; "Fix crash (#12)" answers
it. A ticket that is only mentioned never takes a fix away.
"""

from __future__ import annotations

import re

from bugguard.history.fixwords import CLOSING_WORD
from bugguard.history.regexes import bounded_lines
from bugguard.history.tickets import Kind, Reference

_MENTION = re.compile(
    r"(?:\b(?:since|after|from|by|in|of|like|as|see|refs?|references?|related\s+to|regress\w*"
    r"|introduced|caused|broken|broke|follow-?\s?up\s+(?:to|of|on)?|reverts?|part\s+of|cf)"
    r"|以来|以降)[\s:(]*$",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"(?:see\s+merge\s+request|merge[- ]request|mr|ticket|issue|bug|jira|closes|fixes)[\s:]+\S*$",
    re.IGNORECASE,
)


def answered(message: str, references: tuple[Reference, ...]) -> set[str]:
    """The texts of the references that are answered.

    In the subject all but those that words such as "since" stand before; in the body those that a
    closing word or the name of a trailer stands before. Takes time linear in the message.
    """
    wanted = {one.text: one for one in references}
    found = set()
    first = True
    for line in bounded_lines(message):
        if not line:
            continue
        for text, reference in wanted.items():
            place = line.find(text)
            if place >= 0 and text not in found and _is_answer(line[:place], reference, first):
                found.add(text)
        first = False
    return found


def _is_answer(before: str, reference: Reference, in_subject: bool) -> bool:
    last = before[-80:]
    if in_subject and reference.in_subject:
        return reference.kind is Kind.SUFFIX or not _MENTION.search(last)
    closing = [found for found in CLOSING_WORD.finditer(last) if not last[found.end() :].strip()]
    return bool(closing) or _TRAILER.fullmatch(last.lstrip()) is not None
