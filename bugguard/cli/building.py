"""``bugguard index build``, ``update`` and ``merge``: how an index comes to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

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
    sessions = _sessions(repos, flags)
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
    console.result(learn_now(_sessions(repos, {"index": index}), anew=False))


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


def _sessions(repos: Sequence[Path], flags: Mapping[str, object]) -> list[Session]:
    """One a repository, without those whose own settings say that they are not to be shared."""
    sessions = [Session.start(repo, flags) for repo in repos or (None,)]
    if len(sessions) < 2:
        return sessions
    if sessions[0].is_private:
        raise click.UsageError("an index of several repositories needs a place: give --output DIR")
    shared = [one for one in sessions if one.settings.learn.share]
    for one in sessions:
        if one not in shared:
            console.say(f"left out {terminal(str(one.git.place))}: it sets learn.share = false")
    if not shared:
        raise click.UsageError("none of these repositories may be shared (learn.share = false)")
    return shared


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
