"""What goes into the tools and what comes out, as JSON Schema."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

MOST_DIFF = 4 << 20  #: characters, and bytes as UTF-8
MOST_QUERY = 10_000  #: characters
MOST_RESULTS = 50
_MOST_NAME = 300  #: characters of a revision, or of what names a fix


def _object(properties: Schema, *, required: list[str], closed: bool = False) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "required": required}
    return schema | {"additionalProperties": False} if closed else schema


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description} | more


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


_LINES = {"type": "string"}
_LEFT_OUT: Schema = {
    "type": "object",
    "additionalProperties": {"type": "integer"},
    "description": "How much of each list there was no room for; empty: all is here. "
    "A text that ends with … is cut.",
}
_TICKET = _object(
    {
        "id": _text("As people write it: #4485, !12, PROJ-7."),
        "title": _text("The tracker's own title, verbatim; empty where only the id is known."),
        "url": _text("Its address; empty where none is known."),
        "source": _text("Where it was read, and why it belongs to the fix."),
    },
    required=["id", "title", "url", "source"],
)
_LESSON: Schema = {
    "type": ["object", "null"],
    "description": "What a model once made of the fix. Advice, no record.",
    "properties": {"text": {"type": "string"}, "model": {"type": "string"}},
}
_COMMIT: Schema = {
    "sha": _text("The fix commit's full sha."),
    "date": _text("When it was committed (UTC); may be empty."),
    "subject": _text("Its message's first line, verbatim."),
    "repository": _text("Whose it is: host/owner/name; may be empty. Tickets are that one's."),
    "tickets": _list(_TICKET, "The tickets that the fix answers."),
}

_FINDING = _object(
    {
        "fingerprint": _text("Names the finding; show_fix takes it."),
        "rule": _text(
            "BG001: takes back what a past fix did. BG002: repeats a bug that was fixed elsewhere."
        ),
        "path": _text("The changed file."),
        "line": {"type": "integer"},
        "end_line": {"type": "integer"},
        "score": {
            "type": "number",
            "description": "For BG001 about the share of such changes that did harm, 0 to 1: "
            "0.1 is worth a look, 0.5 is alarming.",
        },
        "yours": _list(_LINES, "The change's lines, with + or - before each."),
        "fix": _object(
            _COMMIT
            | {
                "path": _text("The file that the fix repaired."),
                "buggy": _list(_LINES, "What the code was while it was wrong."),
                "fixed": _list(_LINES, "What made it right."),
            },
            required=["sha", "date", "subject", "path", "tickets", "buggy", "fixed"],
        ),
        "downgraded": {"type": "boolean"},
    },
    required=["fingerprint", "rule", "path", "line", "end_line", "score", "yours", "fix"],
)

CHECK_IN = _object(
    {
        "diff": _text(
            "A unified diff as git prints it, such as the output of `git diff HEAD` for work that "
            "is not staged. At most 4 MiB.",
            maxLength=MOST_DIFF,
        ),
        "staged": {
            "type": "boolean",
            "description": "Check what is staged. The default where nothing else is given.",
        },
        "commit": _text(
            "A commit, against the fixes that were before it.", minLength=1, maxLength=_MOST_NAME
        ),
        "range": _text(
            "A..B: what B adds since it left A. B may be missing: HEAD.",
            minLength=3,
            maxLength=2 * _MOST_NAME,
        ),
        "threshold": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "Least score of a finding. Default: as the repository has it set "
            "(0.055). Lower finds more, and more that is meant.",
        },
    },
    required=[],
    closed=True,
)
CHECK_OUT = _object(
    {
        "version": {"type": "integer"},
        "tool": {"type": "object"},
        "index": _object(
            {
                "patterns": {"type": "integer"},
                "fixes": {"type": "integer", "description": "Past fixes that were compared."},
                "encoder": {"type": "string"},
                "head": _text("The commit up to which history was learned."),
            },
            required=["patterns", "fixes", "encoder", "head"],
        ),
        "findings": _list(_FINDING, "By path and line; empty: no past fix is touched."),
        "fails": {"type": "boolean", "description": "Whether a commit would be stopped."},
        "suppressed": _list(_FINDING, "Silenced by a directive in the code, with its reason."),
        "stats": {"type": "object", "description": "What was looked at; skipped files and why."},
        "notes": _list(_LINES, "Remarks."),
        "problems": _list({"type": "object"}, "Directives in the change that cannot be obeyed."),
        "left_out": _LEFT_OUT,
    },
    required=["version", "index", "findings", "fails", "stats", "notes", "problems", "left_out"],
)

SHOW_IN = _object(
    {
        "fix": _text(
            "A commit's sha (4 digits or more), a ticket such as #4485 or PROJ-7, or a finding's "
            "fingerprint.",
            minLength=1,
            maxLength=_MOST_NAME,
        )
    },
    required=["fix"],
    closed=True,
)
SHOW_OUT = _object(
    {
        "fixes": _list(
            _object(
                _COMMIT
                | {
                    "message": _text("The whole commit message, verbatim."),
                    "lesson": _LESSON,
                    "patterns": _list(
                        _object(
                            {
                                "path": {"type": "string"},
                                "line": {"type": "integer"},
                                "heading": _text("The enclosing function, as git has it."),
                                "set_aside": {
                                    "type": ["string", "null"],
                                    "description": "Why no change is compared with it; null: each "
                                    "is.",
                                },
                                "buggy": _list(_LINES, "The code before the fix."),
                                "fixed": _list(_LINES, "The code after it."),
                            },
                            required=["path", "line", "buggy", "fixed", "set_aside"],
                        ),
                        "The hunks of the fix.",
                    ),
                },
                required=["sha", "date", "subject", "tickets", "message", "patterns", "lesson"],
            ),
            "A ticket may have been answered by several.",
        ),
        "left_out": _LEFT_OUT,
    },
    required=["fixes", "left_out"],
)

SEARCH_IN = _object(
    {
        "query": _text(
            "Prose, an error message, names, a path or a piece of code. Rare words count most.",
            minLength=1,
            maxLength=MOST_QUERY,
        ),
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_RESULTS,
            "default": 10,
            "description": "At most so many fixes.",
        },
    },
    required=["query"],
    closed=True,
)
SEARCH_OUT = _object(
    {
        "query": {"type": "string"},
        "fixes": {"type": "integer", "description": "How many past fixes were searched."},
        "results": _list(
            _object(
                {
                    "fix": _object(_COMMIT, required=["sha", "date", "subject", "tickets"]),
                    "named": {
                        "type": "boolean",
                        "description": "Whether the query is its sha or its ticket.",
                    },
                    "words": _list(_LINES, "In common with the query, what counts most first."),
                    "path": _text("Where the hunk is; empty where none is kept."),
                    "line": {"type": "integer"},
                    "hunk": _list(_LINES, "The nearest hunk of the fix, as a diff, or its start."),
                    "lesson": _LESSON,
                },
                required=["fix", "named", "words", "path", "line", "hunk", "lesson"],
            ),
            "The best first. There is always a best one: whether it fits is for you to judge.",
        ),
        "left_out": _LEFT_OUT,
    },
    required=["query", "fixes", "results", "left_out"],
)
