"""Past bugs planted in memory: the same cases for the same history, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_index import LetterEncoder
from shop import REPLACED, TWO_HUNKS, Shop

from bugguard import index as store
from bugguard.history.diff import Limits
from bugguard.history.paths import PathRules
from bugguard.patterns.disguise import DISGUISES
from bugguard.pipeline.learn import learn
from bugguard.pipeline.planted import Outcome, outcomes, plant
from bugguard.pipeline.replay import Replay
from bugguard.pipeline.sources import History, Lesson

LIMITS = Limits(why_not=PathRules().reason)


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    """Of the shop, whose Python files are two, and the others alone of their kind."""
    shop = Shop.at(tmp_path / "shop")
    git, encoder = shop.open(), LetterEncoder()
    store.write(
        tmp_path / "index", learn([History(git, (shop.sha(),), Lesson())], encoder).knowledge
    )
    return Replay(git, store.open_index(tmp_path / "index"), encoder, LIMITS)


def test_each_fix_in_every_disguise_beside_its_twin(replay: Replay) -> None:
    planted = plant(replay.git, replay.index, LIMITS)
    fixes = list(dict.fromkeys(one.fix for one in planted))
    assert fixes == sorted(fixes)
    assert len(fixes) == 2
    assert [(one.fix, one.variant, one.twin) for one in planted] == [
        (fix, variant, twin) for fix in fixes for variant in DISGUISES for twin in (False, True)
    ]
    assert planted == plant(replay.git, replay.index, LIMITS)


def test_what_is_planted_are_new_lines_in_the_code_of_another_file(replay: Replay) -> None:
    homes = {REPLACED.path: TWO_HUNKS.path, TWO_HUNKS.path: REPLACED.path}
    remembered = {fix.commit.sha: fix for fix in map(replay.index.fix, range(replay.index.fixes))}
    for one in plant(replay.git, replay.index, LIMITS):
        [file] = one.change.files
        [hunk] = file.hunks
        pattern = remembered[one.fix].patterns[0]
        assert homes[pattern.path] == file.path == hunk.path
        content = replay.git.run("show", f"HEAD:{file.path}").decode().split("\n")
        start = hunk.old_start - 1
        assert list(hunk.pre_image) == content[start : start + len(hunk.pre_image)]
        assert len(hunk.pre_image) >= 3
        assert not hunk.removed
        if one.variant == "as it is":
            assert hunk.added in [
                pattern.fixed if one.twin else pattern.buggy
                for pattern in remembered[one.fix].patterns
            ]


def test_a_bound_and_a_choice(replay: Replay) -> None:
    planted = plant(replay.git, replay.index, LIMITS)
    first, second = dict.fromkeys(one.fix for one in planted)
    assert {one.fix for one in plant(replay.git, replay.index, LIMITS, most=1)} == {first}
    assert {one.fix for one in plant(replay.git, replay.index, LIMITS, among={second})} == {second}
    assert plant(replay.git, replay.index, LIMITS, among=()) == []
    nowhere = Limits(why_not=lambda path: "no code")
    assert plant(replay.git, replay.index, nowhere) == []


def test_only_a_finding_that_names_the_fix_counts(replay: Replay) -> None:
    planted = plant(replay.git, replay.index, LIMITS)
    found = outcomes(replay, planted)
    assert [one.planted for one in found] == planted
    bugs = {one.planted.fix: one.score for one in found
            if one.planted.variant == "as it is" and not one.planted.twin}  # fmt: skip
    assert all(score is not None for score in bugs.values())
    # Told to be another fix's, the very same code is not caught.
    first, second = bugs
    swapped = {first: second, second: first}
    wrong = [one._replace(fix=swapped[one.fix]) for one in planted]
    assert {one.score for one in outcomes(replay, wrong)} == {None}


def test_told_from_a_score_on(replay: Replay) -> None:
    [one, *_] = plant(replay.git, replay.index, LIMITS)
    assert Outcome(one, 0.4).told(0.4)
    assert not Outcome(one, 0.4).told(0.41)
    assert not Outcome(one, None).told(0.0)
