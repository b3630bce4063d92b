"""The tables, and which of their layouts this is.

::

    layout        the version of all the other tables, one row
    generations   what was pushed: each one's manifest, its sha256, the cells, and as arrays which
                  source each fix is of and whether it can be matched
    pointer       which generation is the current one, one row
    fixes         one row a fix, whose ``line`` is the one of fixes.jsonl
    patterns      one row a pattern, likewise
    tickets       sha256 (16 bytes) of what a ticket is called, in lower case, and its fix
    vectors       one row a pattern that can be matched, in the order of the cells
    postings      which patterns have a feature, by side (see SIDES); rules by their rarest token
    features      in how many commits a feature was added, and how often it stands
    rules         one row a rule, whose ``line`` is the one of rules.jsonl
    lessons       one row a lesson, likewise

All but the first three have rows of several generations, told apart by the first column of their
keys. Features are hashes of 64 bits, kept as signed numbers of the same bits; so are checksums.
What only learning needs (the sample of commits) stays in the folder that was learned into.
"""

from __future__ import annotations

from bugguard.errors import IndexVersionError
from bugguard.index.postgres.link import Link

LAYOUT = 1  #: raise it with every change to the tables

SIDES = {"buggy": 0, "fixed": 1, "names": 2, "trigger": 3}

_TABLES = """
CREATE TABLE {schema}.layout (version int4 NOT NULL);
CREATE TABLE {schema}.generations (
    id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest text NOT NULL UNIQUE,
    manifest text NOT NULL,
    centroids bytea NOT NULL,
    starts bytea NOT NULL,
    sources bytea NOT NULL,
    matchable bytea NOT NULL,
    pushed timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.pointer (
    one bool PRIMARY KEY DEFAULT true CHECK (one),
    generation int4 NOT NULL REFERENCES {schema}.generations
);
CREATE TABLE {schema}.fixes (
    generation int4, number int4, sha text COLLATE "C" NOT NULL, committed int8 NOT NULL,
    start int4 NOT NULL, patterns int4 NOT NULL, digest int8 NOT NULL, line bytea NOT NULL,
    PRIMARY KEY (generation, number)
);
CREATE INDEX ON {schema}.fixes (generation, sha);
CREATE TABLE {schema}.patterns (
    generation int4, id int4, fix int4 NOT NULL, ordinal int4 NOT NULL, line bytea NOT NULL,
    PRIMARY KEY (generation, id)
);
CREATE TABLE {schema}.tickets (
    generation int4, name bytea, fix int4,
    PRIMARY KEY (generation, name, fix)
);
CREATE TABLE {schema}.vectors (
    generation int4, pattern int4, place int4 NOT NULL, cell int4,
    buggy {vector}.halfvec NOT NULL, fixed {vector}.halfvec NOT NULL,
    PRIMARY KEY (generation, pattern)
);
ALTER TABLE {schema}.vectors ALTER buggy SET STORAGE MAIN, ALTER fixed SET STORAGE MAIN;
CREATE INDEX ON {schema}.vectors (generation, cell);
CREATE TABLE {schema}.postings (
    generation int4, side int2, feature int8, many int4 NOT NULL, patterns int4[] NOT NULL,
    PRIMARY KEY (generation, side, feature)
);
CREATE TABLE {schema}.features (
    generation int4, feature int8, commits int8 NOT NULL, standing int4 NOT NULL,
    PRIMARY KEY (generation, feature)
);
CREATE TABLE {schema}.rules (
    generation int4, number int4, digest int8 NOT NULL, line bytea NOT NULL,
    PRIMARY KEY (generation, number)
);
CREATE TABLE {schema}.lessons (
    generation int4, fix int4, digest int8 NOT NULL, line bytea NOT NULL,
    meaning {vector}.halfvec NOT NULL,
    PRIMARY KEY (generation, fix)
);
"""

#: Tables with rows by generation, and their columns in the order of copying, with their types.
COLUMNS = {
    "fixes": "number int4, sha text, committed int8, start int4, patterns int4, "
    "digest int8, line bytea",
    "patterns": "id int4, fix int4, ordinal int4, line bytea",
    "tickets": "name bytea, fix int4",
    "vectors": "pattern int4, place int4, cell int4, buggy halfvec, fixed halfvec",
    "postings": "side int2, feature int8, many int4, patterns int4[]",
    "features": "feature int8, commits int8, standing int4",
    "rules": "number int4, digest int8, line bytea",
    "lessons": "fix int4, digest int8, line bytea, meaning halfvec",
}

_OTHERS = ("pointer", "generations", "layout")


def prepare(link: Link) -> None:
    """Makes the tables where they are missing, and anew where an older bugguard made them.

    Raises IndexVersionError where a newer one did.
    """
    [[exists]] = link.ask(
        "SELECT to_regclass(format('%%I.layout', %(name)s::text)) IS NOT NULL",
        {"name": link.facts.schema},
    )
    if exists:
        [[version]] = link.ask("SELECT max(version) FROM {schema}.layout")
        if version == LAYOUT:
            return
        refuse_newer(link, version)
        for table in (*COLUMNS, *_OTHERS):
            link.do("DROP TABLE IF EXISTS {table}", table=table)
    else:
        [[there]] = link.ask(
            "SELECT to_regnamespace(quote_ident(%(name)s::text)) IS NOT NULL",
            {"name": link.facts.schema},
        )
        if not there:  # IF NOT EXISTS would ask for the right to make one all the same
            link.do("CREATE SCHEMA {schema}")
    link.do(_TABLES)
    link.do("INSERT INTO {schema}.layout VALUES (%(version)s)", {"version": LAYOUT})


def refuse_newer(link: Link, version: int | None) -> None:
    """Raises IndexVersionError if a newer bugguard made the tables."""
    if version is not None and version > LAYOUT:
        raise IndexVersionError(
            f"the index at {link.dsn} was pushed by a newer bugguard: upgrade yours"
        )
