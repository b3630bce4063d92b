"""``bugguard index build``, ``update`` and ``merge``: how an index comes to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from bugguard import index as store
from bugguard.cli import console
from bugguard.cli.learning import learn_now
from bugguard.cli.options import LocationType, index_option
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.domain.provenance import Shard
from bugguard.errors import PatternIndexError
from bugguard.pipeline.refresh import left_out
from bugguard.report.escape import terminal

MOST_SHARDS = 10_000

_repos_option = click.option(
    "--repo", "repos", multiple=True, metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A repository, bare or not; give it again for each of several that share an index. "
    "Default: the one around the current directory.",
)  # fmt: skip


def _shard(ctx: click.Context, param: click.Parameter, value: str | None) -> Shard | None:
    if value is None:
        return None
    number, _, of = value.partition("/")
    if number.isascii() and of.isascii() and number.isdecimal() and of.isdecimal():
        shard = Shard(int(number), int(of))
        if 1 <= shard.number <= shard.of <= MOST_SHARDS:
            return shard
    raise click.BadParameter(f"{value!r} is no shard: write 2/8 for the second of eight")


@click.command()
@_repos_option
@click.option("--since", metavar="DATE", help="Only commits after this date.")
@click.option("--branch", metavar="REV", help="The branch to learn. Default: HEAD and origin's.")
@click.option("--encoder", metavar="NAME", help="A sentence-transformers model instead of ours.")
@click.option(
    "--index", "--output", "index", metavar="DIR", type=LocationType(),
    help="The index's folder, new, empty or an index. Default: inside the git directory.",
)  # fmt: skip
@click.option(
    "--shard", metavar="I/N", callback=_shard,
    help="Only the I-th of N equal parts, for `bugguard index merge` to put together.",
)  # fmt: skip
def build(
    repos: tuple[Path, ...], since: str | None, branch: str | None, encoder: str | None,
    index: Location | None, shard: Shard | None,
) -> None:  # fmt: skip
    """Read the whole history anew.

    With several repositories the index knows the fixes of all, and a finding says whose it is. A
    commit that several have (clones, forks) is learned once, as the first one's.
    """
    flags = {"learn.since": since, "learn.branch": branch, "encoder": encoder, "index": index}
    sessions, _ = _given(repos, flags)
    if shard is not None and sessions[0].is_private:
        raise click.UsageError("a part of an index is for no hook to find: give --output DIR")
    if index is None:
        _refuse_less(sessions)
    console.result(learn_now(sessions, anew=True, shard=shard))


@click.command()
@_repos_option
@index_option
def update(repos: tuple[Path, ...], index: Location | None) -> None:
    """Read the commits that came since, and forget those that went.

    The result is what a build would give, sooner.
    """
    sessions, apart = _given(repos, {"index": index})
    # What is not to be shared any more is not only left out: it goes.
    console.result(learn_now(sessions, anew=_knows(apart, sessions[0].directory)))


def _refuse_less(sessions: Sequence[Session]) -> None:
    """Raises UsageError where a team's index, which the settings name, would become one's own."""
    first, *others = sessions
    try:
        made = store.open_index(first.directory).manifest.provenance
    except PatternIndexError:
        return
    place = first.place(others)
    missing = left_out(made, place.histories(first.lesson(named=bool(others))))
    if missing and not first.is_private:
        raise click.UsageError(
            f"the index in {first.directory} is of {missing[0] or 'another repository'} too: to "
            "replace it, name it with --output"
        )


class _Given(NamedTuple):
    """The repositories to learn from."""

    sessions: Sequence[Session]
    apart: Sequence[Session]  #: those whose own settings say that they are not to be shared


def _given(repos: Sequence[Path], flags: Mapping[str, object]) -> _Given:
    first, *others = [Session.start(repo, flags) for repo in repos or (None,)]
    if not others:
        return _Given([first], [])
    if first.is_private:
        raise click.UsageError("an index of several repositories needs a place: give --output DIR")
    # Where the index is, and by which encoder, is said once, even by who is left out.
    same = {"index": first.directory, "encoder": first.settings.encoder}
    sessions = [first, *(one.with_flags(same) for one in others)]
    for one in sessions:
        if one.directory.is_relative_to(one.git.common_dir):
            raise click.UsageError(f"{one.directory} is one repository's own: give another place")
    shared = [one for one in sessions if one.settings.learn.share]
    apart = [one for one in sessions if one not in shared]
    for one in apart:
        console.say(f"left out {terminal(str(one.git.place))}: it sets learn.share = false")
    if not shared:
        raise click.UsageError("none of these repositories may be shared (learn.share = false)")
    return _Given(shared, apart)


def _knows(apart: Sequence[Session], directory: Path) -> bool:
    """Whether the index there knows any of those that are left out by now."""
    try:
        made = store.open_index(directory).manifest.provenance
    except PatternIndexError:
        return False
    return any(one.lesson(named=True).name in made.names for one in apart)


@click.command()
@click.argument("parts", metavar="DIR...", nargs=-1, required=True,
                type=LocationType(exists=True))  # fmt: skip
@click.option(
    "--index", "--output", "index", metavar="DIR", required=True, type=LocationType(),
    help="Where to: a new or empty folder, or an index, which is replaced.",
)  # fmt: skip
@click.option("--encoder", metavar="NAME", help="The model that the parts were made with.")
def merge(parts: tuple[Location, ...], index: Location, encoder: str | None) -> None:
    """Make one index of several: all shards of one, or indexes of different repositories.

    The result is what one build of all would give. Forks and clones of one history are to be built
    together, for what they share cannot be told apart afterwards.
    """
    from bugguard.cli.merging import merge_now

    console.result(merge_now(parts, index, encoder))
