"""What GitHub's GraphQL API is asked: one question answers for many issues or pull requests.

REST tells for an issue at a time, in three or more requests, what this tells for 25 in two.
Field names are those of GitHub's public GraphQL schema.
"""

from __future__ import annotations

BATCH = 25  #: issues or pull requests of one question
MOST_COMMITS = 100  #: of a pull request: what has more is a release, and no fix

_PULL = """
fragment pull on PullRequest { id number merged mergedAt body repository { nameWithOwner } }
"""

#: What closed each issue, what would, and what mentions it.
ISSUES = (
    """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Issue {
      id
      closedByPullRequestsReferences(first: 20, includeClosedPrs: true) { nodes { ...pull } }
      timelineItems(
        last: 100
        itemTypes: [CLOSED_EVENT, CROSS_REFERENCED_EVENT, REFERENCED_EVENT]
      ) {
        nodes {
          __typename
          ... on ClosedEvent {
            actor { login }
            closer { __typename ... on Commit { oid } ... on PullRequest { ...pull } }
          }
          ... on CrossReferencedEvent { source { ... on PullRequest { ...pull } } }
          ... on ReferencedEvent {
            commit { oid message }
            commitRepository { nameWithOwner }
          }
        }
      }
    }
  }
}
"""
    + _PULL
)

#: Each pull request's own commits, and the one that its base got.
PULLS = f"""
query ($ids: [ID!]!) {{
  nodes(ids: $ids) {{
    ... on PullRequest {{
      id
      mergeCommit {{ oid parents(first: 2) {{ totalCount }} }}
      commits(first: {MOST_COMMITS}) {{
        totalCount
        nodes {{ commit {{ oid message authoredDate }} }}
      }}
    }}
  }}
}}
"""

#: What its base got with it and before: newest first.
BASES = f"""
query ($ids: [ID!]!) {{
  nodes(ids: $ids) {{
    ... on PullRequest {{
      id
      mergeCommit {{ history(first: {MOST_COMMITS}) {{ nodes {{ oid message authoredDate }} }} }}
    }}
  }}
}}
"""
