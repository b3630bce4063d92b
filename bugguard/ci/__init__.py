"""What a CI service says of the run that bugguard is part of: read from its environment alone."""

from __future__ import annotations

from collections.abc import Mapping

from bugguard.ci.run import Review, Run
from bugguard.errors import CiError

__all__ = ["Review", "Run", "tell"]


def tell(environ: Mapping[str, str]) -> Run:
    """The run that these variables describe. Raises CiError where no service is known by them."""
    if environ.get("GITHUB_ACTIONS") == "true":
        from bugguard.ci import github

        return github.tell(environ)
    if environ.get("GITLAB_CI") == "true":
        from bugguard.ci import gitlab

        return gitlab.tell(environ)
    raise CiError(
        "neither GitHub Actions nor GitLab CI runs this (GITHUB_ACTIONS and GITLAB_CI are not "
        "set): name what is to be checked with --range A..B."
    )
