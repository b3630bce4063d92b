"""The remote of a repository, read through GitPython, which is too slow to import for a hook."""

from __future__ import annotations

import git as gitpython

from bugguard.history.git import Git


def remote_url(git: Git) -> str | None:
    """The address of the remote that the team works with: ``origin``, else ``upstream``, else the
    only one there is. None without such a remote.
    """
    try:
        with gitpython.Repo(git.git_dir) as repository:
            urls = {
                remote.name: str(remote.config_reader.get("url")) for remote in repository.remotes
            }
    except Exception:  # GitPython's own, ConfigParser's and OSError: a broken config has no remote
        return None
    for name in ("origin", "upstream"):
        if name in urls:
            return urls[name]
    return next(iter(urls.values())) if len(urls) == 1 else None
