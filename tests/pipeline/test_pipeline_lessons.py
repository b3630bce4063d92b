"""Lessons come into an index, stay with their fixes whatever is learned, and can all go again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from repository import Repository
from scripted import Scripted, lesson

from bugguard import encoders
from bugguard import index as store
from bugguard.domain import LearnedFix
from bugguard.domain.lesson import Lesson
from bugguard.domain.provenance import EncoderIdentity
from bugguard.errors import EncoderError, IndexBusyError, IndexMissingError, PatternIndexError
from bugguard.history.tickets import TicketRules
from bugguard.pipeline import learner, refresh, sources
from bugguard.pipeline.learn import Learned
from bugguard.pipeline.lessons import HOPELESS, distil, forget
from bugguard.pipeline.refresh import Place

ENCODER = encoders.load("static")
FIXES = 5
How = sources.Lesson


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Five fixes, and one that is the copy of another."""
    repository = Repository(tmp_path / "r")
    repository.commit({"app.py": "".join(line(n, 0) for n in range(FIXES))}, "Start")
    for n in range(FIXES):
        values = "".join(line(m, int(m <= n)) for m in range(FIXES))
        repository.commit({"app.py": values}, f"fix: value {n} was wrong (#{n})")
    repository.commit({"copy/app.py": line(0, 0)}, "Copy")
    repository.commit({"copy/app.py": line(0, 1)}, "fix: value 0 was wrong there too")
    return repository


def line(number: int, value: int) -> str:
    return f"value_{number} = make_value({value}, at_{number}, {number})\n"


@pytest.fixture
def place(repository: Repository, tmp_path: Path) -> Place:
    place = at(repository, tmp_path / "index")
    build(place)
    return place


def at(repository: Repository, directory: Path) -> Place:
    return Place(repository.open(), directory, (repository.sha(),))


def build(place: Place, how: How | None = None, *, anew: bool = False) -> Learned:
    return refresh.build(place, how or How(), ENCODER, anew=anew)


def lessons(place: Place) -> dict[str, Lesson]:
    """By their fix's subject."""
    index = store.open_index(place.directory)
    told = {index.fix(n).commit.subject: index.lesson(n) for n in range(len(index.shas()))}
    return {subject: one for subject, one in told.items() if one}


def files(directory: Path) -> dict[str, bytes]:
    name = (directory / "CURRENT").read_text("ascii").split()[0]
    return {file.name: file.read_bytes() for file in (directory / name).iterdir()}


def subject(n: int) -> str:
    return f"fix: value {n} was wrong (#{n})"


def test_the_newest_come_first_and_those_that_have_one_are_not_asked_again(place: Place) -> None:
    first, second = Scripted(), Scripted()
    assert distil(place, ENCODER, first, most=2) == (2, 2, 2, 0, "", False)
    assert first.asked == [[subject(4), subject(3)]]
    assert set(lessons(place)) == {subject(4), subject(3)}
    assert distil(place, ENCODER, second, batch=2) == (3, 3, 3, 0, "", False)
    # The copy is matched by nobody and offered to nobody, so nobody needs its lesson.
    assert second.asked == [[subject(2), subject(1)], [subject(0)]]
    assert {one.text for one in lessons(place).values()} == {
        f"Mind this: {subject(n)}" for n in range(FIXES)
    }
    assert distil(place, ENCODER, Scripted()) == (0, 0, 0, 0, "", False)


def test_only_those_that_are_wanted(place: Place) -> None:
    index = store.open_index(place.directory)
    shas = {index.fix(n).commit.subject: sha for n, sha in enumerate(index.shas())}
    distil(place, ENCODER, Scripted(), wanted={shas[subject(1)], "0" * 40})
    assert set(lessons(place)) == {subject(1)}
    assert distil(place, ENCODER, Scripted(), most=0).asked == 0
    assert distil(place, ENCODER, Scripted(), wanted=()).asked == 0


def test_what_failed_is_counted_and_asked_again_next_time(place: Place) -> None:
    def say(fix: LearnedFix) -> Lesson | str:
        if fix.commit.subject == subject(3):
            return "did not answer within 20 s"
        if fix.commit.subject == subject(1):
            return replace(lesson(fix), digest="0" * 32)
        return lesson(fix)

    done = distil(place, ENCODER, Scripted(say))
    assert (done.asked, done.made, done.kept, done.failed) == (5, 3, 3, 2)
    assert done.failure == "answered for another fix"
    assert set(lessons(place)) == {subject(4), subject(2), subject(0)}
    again = Scripted()
    distil(place, ENCODER, again)
    assert again.asked == [[subject(3), subject(1)]]


def test_nobody_is_asked_on_and_on_who_never_answers(place: Place) -> None:
    silent = Scripted(lambda fix: "is away")
    before = files(place.directory)
    done = distil(place, ENCODER, silent, batch=1)
    assert done == (HOPELESS, 0, 0, HOPELESS, "is away", True)
    assert len(silent.asked) == HOPELESS < FIXES
    assert files(place.directory) == before


def test_twin_one_answer_now_and_then_is_enough(place: Place) -> None:
    now_and_then = Scripted(
        lambda fix: lesson(fix) if fix.commit.subject == subject(2) else "is away"
    )
    assert distil(place, ENCODER, now_and_then, batch=1)[:4] == (5, 1, 1, 4)


@pytest.mark.parametrize("cut", [KeyboardInterrupt, ValueError])
def test_a_cut_keeps_what_was_paid_for(place: Place, cut: type[BaseException]) -> None:
    def say(fix: LearnedFix) -> Lesson:
        if fix.commit.subject == subject(2):
            raise cut
        return lesson(fix)

    with pytest.raises(cut):
        distil(place, ENCODER, Scripted(say), batch=1)
    assert set(lessons(place)) == {subject(4), subject(3)}
    store.verify(place.directory)


def test_progress_is_told(place: Place) -> None:
    told: list[tuple[int, int]] = []
    distil(place, ENCODER, Scripted(), batch=2, most=3, progress=lambda *at: told.append(at))
    assert told == [(0, 3), (2, 3), (3, 3)]


def test_fewer_answers_than_questions_are_a_defect(place: Place) -> None:
    class Short(Scripted):
        def distil(self, fixes: object) -> list[Lesson | str]:
            return []

    with pytest.raises(ValueError):
        distil(place, ENCODER, Short())
    assert lessons(place) == {}


def test_lessons_stay_through_an_update_and_a_rebuild(
    repository: Repository, place: Place, tmp_path: Path
) -> None:
    distil(place, ENCODER, Scripted())
    was = lessons(place)
    assert len(was) == FIXES
    repository.commit({"app.py": "".join(line(m, 2) for m in range(FIXES))}, "fix: all of them")
    later = at(repository, place.directory)
    learned = build(later)
    assert (learned.read, learned.untaught) == (1, 0)
    updated = files(place.directory)
    assert lessons(later) == was
    for _ in range(2):
        assert build(later, anew=True).untaught == 0
        assert files(place.directory) == updated
    # Elsewhere there is nothing to keep.
    other = at(repository, tmp_path / "other")
    build(other)
    assert lessons(other) == {}


def test_an_index_taught_after_it_was_learned_is_as_one_learned_with_the_lessons(
    place: Place,
) -> None:
    distil(place, ENCODER, Scripted(), batch=2)
    taught = files(place.directory)
    assert len(lessons(place)) == FIXES
    build(place, anew=True)
    assert files(place.directory) == taught


def test_to_forget_leaves_what_was_before(place: Place) -> None:
    before = files(place.directory)
    distil(place, ENCODER, Scripted())
    assert files(place.directory) != before
    assert forget(place) == FIXES
    assert files(place.directory) == before
    assert forget(place) == 0
    assert files(place.directory) == before


def reset(repository: Repository) -> None:
    repository.git("reset", "-q", "--hard", "HEAD~3")


def collected(repository: Repository) -> None:
    reset(repository)
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "-q", "--prune=now")


def reworded(repository: Repository) -> None:
    """The same fix under another name."""
    reset(repository)
    values = "".join(line(m, 1) for m in range(FIXES))
    repository.commit({"app.py": values}, "fix: value 4 was quite wrong")


@pytest.mark.parametrize("happen", [reset, collected, reworded])
@pytest.mark.parametrize("anew", [False, True])
def test_a_lesson_goes_with_its_fix(
    repository: Repository, place: Place, happen: Callable[[Repository], None], anew: bool
) -> None:
    distil(place, ENCODER, Scripted())
    was = lessons(place)
    happen(repository)
    learned = build(at(repository, place.directory), anew=anew)
    assert learned.untaught == 1
    del was[subject(4)]
    assert lessons(place) == was


def test_a_lesson_goes_when_the_record_is_another(place: Place) -> None:
    """Under other settings the same commit names another ticket: what was distilled is no more."""
    distil(place, ENCODER, Scripted())
    how = How(tickets=TicketRules(patterns=(r"value 3",)))
    learned = build(place, how)
    assert learned.rebuilt == "the settings for learning have changed"
    assert learned.untaught == 1
    assert set(lessons(place)) == {subject(n) for n in (0, 1, 2, 4)}


def test_twin_settings_that_leave_the_record_as_it_is(place: Place) -> None:
    distil(place, ENCODER, Scripted())
    assert build(place, How(file_bytes=10_000)).untaught == 0
    assert len(lessons(place)) == FIXES


def test_other_rules_and_damage_do_not_cost_any_lesson(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    distil(place, ENCODER, Scripted())
    was = lessons(place)
    monkeypatch.setattr(sources, "REVISION", learner.REVISION - 1)
    build(place, anew=True)
    assert lessons(place) == was
    monkeypatch.undo()
    assert build(place).rebuilt == "an older bugguard learned by other rules"
    assert lessons(place) == was
    generation = place.directory / (place.directory / "CURRENT").read_text("ascii").split()[0]
    (generation / "patterns.jsonl").write_bytes(b"{}")
    build(place)
    assert lessons(place) == was


def test_with_another_encoder_the_texts_stay_and_their_vectors_are_made_again(
    place: Place,
) -> None:
    distil(place, ENCODER, Scripted())
    was = lessons(place)
    learned = refresh.build(place, How(), Other(), anew=False)
    assert learned.rebuilt == "the encoder is another one"
    assert lessons(place) == was
    vectors = store.load(place.directory).lessons.vectors
    assert vectors.shape == (FIXES, 3)
    assert (vectors == 0.5).all()
    with pytest.raises(EncoderError, match="bugguard index build"):
        distil(place, ENCODER, Scripted())


class Other:
    """Another encoder, to which all texts are the same."""

    identity = EncoderIdentity("other", "1", 3)

    def encode(self, texts: list[str]) -> object:
        import numpy as np

        return np.full((len(texts), 3), 0.5, np.float32)


def test_what_came_meanwhile_is_kept_and_what_went_is_not_taught(
    repository: Repository, place: Place
) -> None:
    def say(fix: LearnedFix) -> Lesson:
        if fix.commit.subject == subject(4):  # somebody works on beside it
            reset(repository)
            repository.commit({"new.py": "new_value = make_new(1)\n"}, "Work")
            build(at(repository, place.directory))
        return lesson(fix)

    done = distil(place, ENCODER, Scripted(say))
    assert (done.made, done.kept) == (FIXES, FIXES - 1)
    assert set(lessons(place)) == {subject(n) for n in range(4)}
    index = store.open_index(place.directory)
    assert index.heads == (repository.sha(),)


def test_while_another_writes_it_waits_and_then_says_so(place: Place) -> None:
    with store.lock(place.directory, 0), pytest.raises(IndexBusyError, match="run again"):
        distil(place, ENCODER, Scripted(), wait=0.05)
    assert lessons(place) == {}


def test_nothing_is_held_while_the_model_is_asked(place: Place) -> None:
    def say(fix: LearnedFix) -> Lesson:
        with store.lock(place.directory, 0):
            return lesson(fix)

    assert distil(place, ENCODER, Scripted(say)).kept == FIXES


def test_without_an_index_or_with_an_older_one(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = at(repository, tmp_path / "nowhere")
    for run in (lambda: distil(nowhere, ENCODER, Scripted()), lambda: forget(nowhere)):
        with pytest.raises(IndexMissingError, match="bugguard index build"):
            run()
    monkeypatch.setattr(sources, "REVISION", learner.REVISION - 1)
    build(nowhere)
    with pytest.raises(PatternIndexError, match="older bugguard: run `bugguard index build`"):
        distil(nowhere, ENCODER, Scripted())


CLOSES = b"one = open_walker(other)\nclose_walker(one)\n"
OPENED = b"first = open_walker(tree)\nvisit_each(first, 1000)\n"
SECOND = OPENED.replace(b"first", b"second")


@pytest.fixture
def walkers(tmp_path: Path) -> Repository:
    """Nine commits close what they open; one did not and was mended, away from where it opens."""
    repository = Repository(tmp_path / "walkers")
    repository.load([
        (b"Look at the tree", {b"first.py": OPENED, b"second.py": SECOND}),
        *((b"Walk", {b"m%d.py" % n: CLOSES}) for n in range(9)),
        *((b"Work", {b"w%d.py" % n: b"value_%d = make_it(%d)\n" % (n, n)}) for n in range(540)),
        (b"Fix the leak (#12)", {b"first.py": OPENED + b"close_walker(first)\n"}),
    ])  # fmt: skip
    return repository


@pytest.mark.parametrize(
    ("guard", "rules"), [(("close_walker",), [("model-x", 1)]), (("visit_each",), [])]
)
def test_a_lessons_rule_counts_where_it_has_passed_the_tests(
    walkers: Repository, tmp_path: Path, guard: tuple[str, ...], rules: list[tuple[str, int]]
) -> None:
    place = at(walkers, tmp_path / "index")
    build(place)
    plain = files(place.directory)
    say = Scripted(lambda fix: lesson(fix, "Close it", ("open_walker",), guard, "model-x"))
    assert distil(place, ENCODER, say).kept == 1
    index = store.open_index(place.directory)
    assert [(rule.source, rule.fired) for rule in index.all_rules()] == rules
    [told] = lessons(place).values()  # its words stay either way
    assert (told.text, told.guard) == ("Close it", guard)
    taught = files(place.directory)
    build(place, anew=True)
    assert files(place.directory) == taught
    forget(place)
    assert files(place.directory) == plain
    assert b"model-x" not in b"".join(plain.values())


def test_rules_of_earlier_lessons_stay_when_others_come(
    walkers: Repository, tmp_path: Path
) -> None:
    """Each batch works out the rules of its own lessons alone."""
    walkers.load([(b"Fix another leak", {b"second.py": SECOND + b"close_walker(second)\n"})])
    place = at(walkers, tmp_path / "index")
    build(place)
    say = Scripted(lambda fix: lesson(fix, "Close it", ("open_walker",), ("close_walker",)))
    assert distil(place, ENCODER, say, batch=1).kept == 2
    rules = list(store.open_index(place.directory).all_rules())
    assert [(rule.ordinal, rule.source) for rule in rules] == [(4, "scripted")] * 2
    taught = files(place.directory)
    build(place, anew=True)
    assert files(place.directory) == taught


def test_a_lessons_rule_goes_when_it_fires_on_ordinary_commits(
    walkers: Repository, tmp_path: Path
) -> None:
    place = at(walkers, tmp_path / "index")
    build(place)
    say = Scripted(lambda fix: lesson(fix, "Close it", ("open_walker",), ("close_walker",)))
    distil(place, ENCODER, say)
    assert len(list(store.open_index(place.directory).all_rules())) == 1
    # Nothing was measured but the history: it is measured again with every update.
    opens = b"one = open_walker(other)\nprint_all(one)\n"
    walkers.load((b"Walk on", {b"n%d.py" % n: opens}) for n in range(2))
    build(at(walkers, place.directory))
    assert list(store.open_index(place.directory).all_rules()) == []
    assert [one.guard for one in lessons(place).values()] == [("close_walker",)]
