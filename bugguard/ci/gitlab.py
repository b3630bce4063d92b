"""GitLab CI: its predefined variables."""

from __future__ import annotations

from collections.abc import Mapping

from bugguard.ci.run import Review, Run, needed, sha


def tell(environ: Mapping[str, str]) -> Run:
    """Raises CiError where a variable is missing or has no sha."""
    default = environ.get("CI_DEFAULT_BRANCH", "")
    tip = needed(_sha(environ, "CI_COMMIT_SHA"), "CI_COMMIT_SHA")
    if environ.get("CI_MERGE_REQUEST_IID"):
        return _review(environ, tip, default)
    if environ.get("CI_EXTERNAL_PULL_REQUEST_IID"):  # of a GitHub repository that GitLab builds
        head = _sha(environ, "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA") or tip
        base = _sha(environ, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA")
        target = environ.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "")
        return Run(head, tuple(filter(None, [base])), target, default=default)
    if environ.get("CI_COMMIT_TAG"):
        return Run(tip, default=default, nothing="a tag was pushed")
    branch = environ.get("CI_COMMIT_BRANCH") or environ.get("CI_COMMIT_REF_NAME", "")
    on_default = bool(default) and branch == default
    source = environ.get("CI_PIPELINE_SOURCE", "")
    # Null in all pipelines but those of a push to a branch that was there before.
    before = _sha(environ, "CI_COMMIT_BEFORE_SHA")
    if before and before != tip:
        other = "" if on_default else default
        return Run(tip, (before,), "", other, default, on_default)
    if not on_default and default:
        return Run(tip, target=default, default=default)
    if source == "push" and not before:
        first = "the whole history was pushed, and nothing came before it"
        return Run(tip, default=default, on_default=True, nothing=first)
    why = f"a pipeline of the source {source!r:.60} says nothing of what changed"
    return Run(tip, default=default, on_default=on_default, unknown=why)


def _review(environ: Mapping[str, str], tip: str, default: str) -> Run:
    # In a pipeline for merged results CI_COMMIT_SHA is a merge that nobody wrote.
    head = _sha(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or tip
    base = _sha(environ, "CI_MERGE_REQUEST_DIFF_BASE_SHA")
    base = base or _sha(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
    # GitLab's diff base is already the merge base; beside it the branch would only be older.
    target = "" if base else environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    iid = environ["CI_MERGE_REQUEST_IID"]
    review = None
    if iid.isascii() and iid.isdecimal() and len(iid) < 19:
        home = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
        here = environ.get("CI_MERGE_REQUEST_PROJECT_ID", "")
        review = Review(int(iid), from_fork=home != here)
    return Run(head, tuple(filter(None, [base])), target, default=default, review=review)


def _sha(environ: Mapping[str, str], name: str) -> str:
    return sha(environ.get(name), name)
