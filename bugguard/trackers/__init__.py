"""Where tickets come from: GitLab, GitHub and Jira, none asked before it is wanted.

This and :mod:`bugguard.trackers.asked` cost nothing to import; the clients come with
:func:`connect`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bugguard.errors import TrackerError
from bugguard.trackers.asked import Access, GitHubTickets, GitLabTickets, JiraTickets

if TYPE_CHECKING:
    from bugguard.trackers.github import GitHub
    from bugguard.trackers.gitlab import GitLab
    from bugguard.trackers.jira import Jira

_LIBRARIES = frozenset(("gitlab", "github", "requests", "urllib3"))
_READERS = {
    GitLabTickets: ("gitlab", "GitLab"),
    GitHubTickets: ("github", "GitHub"),
    JiraTickets: ("jira", "Jira"),
}


def connect(
    asked: GitLabTickets | GitHubTickets | JiraTickets, access: Access | None = None
) -> GitLab | GitHub | Jira:
    """The tracker that is asked for, a :class:`bugguard.ports.Tracker`. Asks nothing yet.

    Raises TrackerError for an address, a token or a CA file that cannot be used, and where the
    client is not installed.
    """
    module, name = _READERS[type(asked)]
    try:
        reader = getattr(import_module(f"bugguard.trackers.{module}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        raise TrackerError(
            f"To read {name}'s tickets a package is missing ({error.name}): "
            "pip install 'bugguard[trackers]'."
        ) from None
    tracker: GitLab | GitHub | Jira = reader(asked, access or Access())
    return tracker


__all__ = ["Access", "GitHubTickets", "GitLabTickets", "JiraTickets", "connect"]
