"""A past fix with all kinds of references in its record, and texts that are near to them."""

from __future__ import annotations

import looking
from hypothesis import strategies as st
from injections import INJECTIONS

from bugguard.domain import FixCommit, Ticket

SHA = "5333c352" + "ab12" * 8
URL = "https://github.com/caddyserver/caddy/pull/4485"
MESSAGE = (
    "reverseproxy: Fix incorrect health_headers parsing (#4485)\n\n"
    "Also !33, o/r#7 and CVE-2021-1234; reverts commit 1234abcd.\n"
    "See https://docs.example/a(b)?c=1 and issue 512.\n"
)
FIX = FixCommit(
    SHA,
    0,
    MESSAGE.split("\n")[0],
    MESSAGE,
    (
        Ticket("#4485", "Wrong headers, like in GH-71", URL, "subject"),
        Ticket("PROJ-12", "", "https://jira.example/browse/PROJ-12", "jira"),
    ),
    "github.com/caddyserver/caddy",
)
# What the walks of `looking` may see in a result, and no more.
TICKETS = {
    *("#4485", "number 4485", "caddyserver/caddy#4485", "proj-12", "!33", "number 33"),
    *("caddyserver/caddy!33", "o/r#7", "number 7", "number 512", "cve-2021", "gh-71", "number 71"),
}
COMMITS = (SHA, "1234abcd")
LINKS = {URL, "https://jira.example/browse/PROJ-12", "https://docs.example/a(b)?c=1"}


def strangers(text: str) -> set[str]:
    """What in ``text`` looks like a reference and is not in :data:`FIX`'s record."""
    commits = {
        commit
        for commit in looking.commits(text)
        if not any(whole.startswith(commit) for whole in COMMITS)
    }
    return (looking.tickets(text) - TICKETS) | commits | (looking.links(text) - LINKS)


PIECES = [
    *(
        "#",
        "4485",
        "448",
        "5",
        "12",
        "0",
        "issue",
        "Issue ",
        "PR",
        "bug",
        "no.",
        "GH-",
        "PROJ-",
        "ABC-",
    ),
    *(
        "proj-",
        "owner/repo",
        "o/r",
        "caddyserver/caddy",
        "!",
        SHA,
        SHA[:7],
        SHA[:7] + "f",
        "abc1234",
    ),
    *(
        "a",
        "f",
        "http",
        "HtTps",
        "://",
        ":",
        "/",
        "//",
        "evil.example",
        "/x",
        "www.",
        "[",
        "](",
        "](",
    ),
    *(
        ")",
        "]",
        "(",
        "<a href=",
        "<img ",
        ">",
        "<",
        "=",
        "&#35;",
        "&amp;",
        "&",
        "%23",
        "%",
        "%3a",
        "\\",
    ),
    *(
        "\u200b",
        "\u202e",
        "\xad",
        "＃",
        "４",
        "４８",
        "！",
        "課題",
        "番",
        "第",
        "号",
        "チケット",
        "件",
    ),
    *(
        "…",
        "[…]",
        "...",
        "@",
        "data:",
        "javascript:",
        "mailto:",
        "\n",
        "\n\n",
        " ",
        " ",
        " ",
        "。",
        "、",
    ),
    *(
        "é",
        "\u0301",
        "*",
        "`",
        "_",
        "-",
        "～",
        "it ",
        "was",
        "C#",
        "#fff",
        "UTF-8",
        "[x]:",
        "r",
        URL,
    ),
    *(
        URL[:-4],
        "を",
        "\x1b[31m",
        "\r",
        "!33",
        "33",
        ",",
        " and ",
        "merge request",
        "pull request",
        ".com",
    ),
    *("x@y", "іssue", "٤", "#️⃣"),
]
MIXED = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.sampled_from([injection.text[:200] for injection in INJECTIONS]),
        st.text(st.characters(exclude_categories=[]), max_size=8),
    ),
    max_size=14,
).map("".join)
