"""The remote of a repository, read through GitPython, which is too slow to import for a hook."""

from __future__ import annotations

import contextlib

import git as gitpython

from bugguard.history.git import Git


def remote_url(git: Git) -> str | None:
    """The address of the remote that the team works with: ``origin``, else ``upstream``, else the
    only one there is. None without such a remote.
    """
    urls = {}
    # GitPython's own exceptions, ConfigParser's and OSError: a broken config has no remote.
    with (
        contextlib.suppress(Exception),
        gitpython.Repo(git.git_dir, expand_vars=False) as repository,
    ):
        for remote in repository.remotes:
            with contextlib.suppress(Exception):  # settings for a remote without an address
                urls[remote.name] = str(remote.config_reader.get("url"))
    for name in ("origin", "upstream"):
        if name in urls:
            return urls[name]
    return next(iter(urls.values())) if len(urls) == 1 else None
