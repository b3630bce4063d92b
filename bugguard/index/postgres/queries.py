"""What a reader asks, one statement a question however much is asked for.

``{schema}`` and ``{vector}`` stand for quoted names, ``%(x)s`` for values; nothing else is ever put
into the text.
"""

from __future__ import annotations

CURRENT = """
SELECT l.version, g.id, g.digest, octet_length(g.manifest),
       CASE WHEN octet_length(g.manifest) <= %(most)s THEN g.manifest END
  FROM {schema}.layout l
  LEFT JOIN {schema}.pointer p ON true
  LEFT JOIN {schema}.generations g ON g.id = p.generation
"""

CELLS = "SELECT centroids, starts FROM {schema}.generations WHERE id = %(generation)s"

POSTINGS = """
SELECT feature, patterns
  FROM {schema}.postings
 WHERE generation = %(generation)s AND side = %(side)s
   AND feature = ANY (%(features)s::int8[]) AND many <= %(cap)s
"""

STATISTICS = """
SELECT feature, commits, standing
  FROM {schema}.features
 WHERE generation = %(generation)s AND feature = ANY (%(features)s::int8[])
"""

RULES = """
SELECT n.number, r.digest, r.line
  FROM (SELECT DISTINCT unnest(patterns) AS number
          FROM {schema}.postings
         WHERE generation = %(generation)s AND side = %(side)s
           AND feature = ANY (%(features)s::int8[]) AND many <= %(cap)s) n
  LEFT JOIN {schema}.rules r ON r.generation = %(generation)s AND r.number = n.number
 ORDER BY n.number
"""

ALL_RULES = """
SELECT number, digest, line
  FROM {schema}.rules
 WHERE generation = %(generation)s AND number >= %(first)s
 ORDER BY number LIMIT %(most)s
"""

# The questions as vectors once, not for each row. In each cell all rows are measured, in full
# precision: halfvec alone would round the question too.
NEAREST = """
SELECT q.question, n.place, n.pattern, n.buggy
  FROM (SELECT question, asked::{vector}.vector AS asked
          FROM unnest(%(questions)s::int4[], %(vectors)s::text[]) AS u(question, asked)
        OFFSET 0) q
 CROSS JOIN LATERAL (
       SELECT v.place, v.pattern, v.buggy
         FROM {schema}.vectors v
        WHERE v.generation = %(generation)s
          AND v.cell = ANY (ARRAY(
              SELECT c.cell FROM unnest(%(owners)s::int4[], %(cells)s::int4[]) AS c(owner, cell)
               WHERE c.owner = q.question))
        ORDER BY v.buggy::{vector}.vector OPERATOR({vector}.<#>) q.asked, v.place
        LIMIT %(most)s) n
"""

VECTORS = """
SELECT pattern, buggy, fixed
  FROM {schema}.vectors
 WHERE generation = %(generation)s AND pattern = ANY (%(patterns)s::int4[])
"""

PLACES = """
SELECT id, fix, ordinal
  FROM {schema}.patterns
 WHERE generation = %(generation)s AND id = ANY (%(patterns)s::int4[])
"""

FIXES = """
SELECT f.number, f.digest, f.line,
       ARRAY(SELECT p.line FROM {schema}.patterns p
              WHERE p.generation = f.generation
                AND p.id >= f.start AND p.id < f.start + f.patterns
              ORDER BY p.id)
  FROM {schema}.fixes f
 WHERE f.generation = %(generation)s AND f.number = ANY (%(fixes)s::int4[])
"""

COMMITS = """
SELECT number, line
  FROM {schema}.fixes
 WHERE generation = %(generation)s AND number >= %(first)s
 ORDER BY number LIMIT %(most)s
"""

DATED = """
SELECT number, sha, committed
  FROM {schema}.fixes
 WHERE generation = %(generation)s
 ORDER BY number
"""

PACKED = "SELECT sources, matchable FROM {schema}.generations WHERE id = %(generation)s"

LESSONS = """
SELECT l.fix, l.digest, l.line, f.sha
  FROM {schema}.lessons l
  LEFT JOIN {schema}.fixes f ON f.generation = l.generation AND f.number = l.fix
 WHERE l.generation = %(generation)s AND l.fix = ANY (%(fixes)s::int4[])
"""

MEANINGS = """
SELECT fix, meaning
  FROM {schema}.lessons
 WHERE generation = %(generation)s
 ORDER BY fix
"""

#: Those that a ticket names first, then those of the sha.
FIND = """
SELECT 0 AS way, fix AS number
  FROM {schema}.tickets
 WHERE generation = %(generation)s AND name = %(name)b
UNION ALL
SELECT 1, number
  FROM {schema}.fixes
 WHERE generation = %(generation)s AND sha >= %(sha)s AND sha < %(beyond)s
 ORDER BY way, number
"""
