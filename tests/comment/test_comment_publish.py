"""One comment on a request, against servers on 127.0.0.1, with what can go wrong there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from forge import STRANGER, TOKEN, US, Fault, Forge

from bugguard.comment import client as client_module
from bugguard.comment.client import Client
from bugguard.comment.places import GitHub, GitLab, Place
from bugguard.comment.publish import Done, publish
from bugguard.errors import CommentError, CommentRefusedError
from bugguard.report.markdown import MARKER

FOUND = f"{MARKER}\n## bugguard: 1 finding\n\n### `a.py:1` BG001\n"
OTHER = f"{MARKER}\n## bugguard: 1 finding\n\n### `b.py:2` BG001\n"
FINE = f"{MARKER}\n## bugguard: no past bug comes back\n"


class Sleeps(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture(params=["github", "gitlab"])
def forge(request: pytest.FixtureRequest) -> Iterator[Forge]:
    with Forge(request.param) as forge:
        yield forge


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def place(forge: Forge, sleeps: Sleeps) -> Place:
    if forge.kind == "github":
        client = Client(forge.url, {"Authorization": f"Bearer {TOKEN}"}, sleeps)
        return GitHub(client, "shop/shop", 7)
    return GitLab(Client(forge.url, {"PRIVATE-TOKEN": TOKEN}, sleeps), "11", 7)


def test_a_finding_is_said_once(forge: Forge, place: Place) -> None:
    assert publish(place, FOUND, MARKER) is Done.CREATED
    assert publish(place, FOUND, MARKER) is Done.SAME
    assert publish(place, FOUND, MARKER) is Done.SAME
    assert [body for _, _, body in forge.comments] == [FOUND]
    assert forge.changes == ["POST"]


def test_what_changed_is_edited_and_what_is_gone_is_said_to_be(forge: Forge, place: Place) -> None:
    for body, done in ((FOUND, Done.CREATED), (OTHER, Done.EDITED), (FINE, Done.EDITED)):
        assert publish(place, body, MARKER) is done
        assert [b for _, _, b in forge.comments] == [body]
    assert publish(place, FINE, MARKER) is Done.SAME


def test_nothing_found_and_nothing_said_before_says_nothing(forge: Forge, place: Place) -> None:
    assert publish(place, FINE, MARKER) is Done.SILENT
    assert (forge.comments, forge.changes) == ([], [])


def test_a_strangers_comment_with_the_marker_is_not_touched(forge: Forge, place: Place) -> None:
    forge.say(STRANGER, FOUND)
    assert publish(place, FINE, MARKER) is Done.SILENT
    assert publish(place, OTHER, MARKER) is Done.CREATED
    assert [(a, b) for _, a, b in forge.comments] == [(STRANGER, FOUND), (US, OTHER)]


def test_our_comment_without_the_marker_at_its_top_is_not_touched(
    forge: Forge, place: Place
) -> None:
    forge.say(US, f"The build failed. {MARKER}")
    forge.say(US, f"> {FOUND}")
    assert publish(place, FOUND, MARKER) is Done.CREATED
    assert len(forge.comments) == 3


@pytest.mark.parametrize("before", [0, 19, 20, 21, 150])
def test_it_is_found_on_any_page(forge: Forge, place: Place, before: int) -> None:
    for n in range(before):
        forge.say(STRANGER, f"comment {n}")
    forge.say(US, FOUND)
    assert publish(place, OTHER, MARKER) is Done.EDITED
    assert forge.changes in (["PATCH"], ["PUT"])
    assert [b for _, a, b in forge.comments if a == US] == [OTHER]


def test_too_many_comments_are_an_error_and_none_is_made(
    forge: Forge, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bugguard.comment.places.PAGES", 2)
    for n in range(41):
        forge.say(STRANGER, f"comment {n}")
    with pytest.raises(CommentError, match="nothing was commented"):
        publish(place, FOUND, MARKER)
    assert forge.changes == []


def test_two_of_ours_become_one(forge: Forge, place: Place) -> None:
    for body in (FOUND, OTHER, FOUND):
        forge.say(US, body)
    assert publish(place, FOUND, MARKER) is Done.SAME
    assert [b for _, _, b in forge.comments] == [FOUND]


def test_what_the_service_makes_of_line_ends_is_no_change(forge: Forge, place: Place) -> None:
    forge.say(US, FOUND.replace("\n", "\r\n").strip())
    assert publish(place, FOUND, MARKER) is Done.SAME


def test_a_comment_has_its_limit(forge: Forge, place: Place) -> None:
    room = place.most - len(FOUND)
    with pytest.raises(CommentError, match="characters"):
        publish(place, FOUND + "x" * room, MARKER)
    assert forge.asked == []
    assert publish(place, FOUND + "x" * (room - 1), MARKER) is Done.CREATED


def test_what_is_no_report_is_not_said(forge: Forge, place: Place) -> None:
    for body in ("", "# something", f" {FOUND}", "x" + MARKER):
        with pytest.raises(CommentError, match="does not begin"):
            publish(place, body, MARKER)
    assert forge.asked == []


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refusal_is_told_without_the_token(
    forge: Forge, place: Place, status: int, method: str
) -> None:
    body = b'{"message": "go away"}'
    forge.faults += [Fault(method, status, body)] * 2  # GitHub's first may be the one for /user
    with pytest.raises(CommentRefusedError) as caught:
        publish(place, FOUND, MARKER)
    assert caught.value.status == status
    assert str(status) in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert forge.comments == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(
    forge: Forge, place: Place, sleeps: Sleeps, status: int
) -> None:
    forge.faults.append(Fault("GET", status))
    assert publish(place, FOUND, MARKER) is Done.CREATED
    assert sleeps == [2.0]


def test_but_not_for_ever(forge: Forge, place: Place, sleeps: Sleeps) -> None:
    forge.faults += [Fault("GET", 503)] * 10
    with pytest.raises(CommentError, match="503"):
        publish(place, FOUND, MARKER)
    assert len(forge.asked) == client_module.TRIES


def test_retry_after_is_obeyed_within_bounds(forge: Forge, place: Place, sleeps: Sleeps) -> None:
    forge.faults.append(Fault("GET", 429, headers={"Retry-After": "7"}))
    assert publish(place, FOUND, MARKER) is Done.CREATED
    assert sleeps == [7.0]


@pytest.mark.parametrize("after", ["3600", "999999999", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_long_wait_is_an_error_at_once(
    forge: Forge, place: Place, sleeps: Sleeps, after: str
) -> None:
    forge.faults.append(Fault("GET", 429, headers={"Retry-After": after}))
    with pytest.raises(CommentError, match="429"):
        publish(place, FOUND, MARKER)
    assert sleeps == []


def test_githubs_secondary_limit_is_a_limit_and_no_refusal(
    forge: Forge, place: Place, sleeps: Sleeps
) -> None:
    forge.faults.append(Fault("POST", 403, headers={"Retry-After": "1"}))
    assert publish(place, FOUND, MARKER) is Done.CREATED
    assert sleeps == [1.0]


@pytest.mark.parametrize("obeyed", [True, False])
@pytest.mark.parametrize("fault", [Fault("POST", 502), Fault("POST", 201, b'{"id": 1}', cut=3)])
def test_a_post_that_may_have_been_obeyed_makes_no_second_comment(
    forge: Forge, place: Place, fault: Fault, obeyed: bool
) -> None:
    forge.faults.append(fault._replace(obeyed=obeyed))
    assert publish(place, FOUND, MARKER) in (Done.CREATED, Done.SAME)
    assert [body for _, _, body in forge.comments] == [FOUND]
    assert forge.changes == ["POST"] * (1 if obeyed else 2)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_token_goes_nowhere_else(forge: Forge, place: Place, status: int, method: str) -> None:
    with Forge(forge.kind) as elsewhere:
        to = elsewhere.url + "/user"
        forge.faults += [Fault(method, status, headers={"Location": to})] * 9
        with pytest.raises(CommentError, match="elsewhere"):
            publish(place, FOUND, MARKER)
        assert (elsewhere.asked, elsewhere.tokens) == ([], [])


def test_a_proxys_page_is_no_answer(forge: Forge, place: Place) -> None:
    page = b"<!DOCTYPE html><title>Sign in</title>"
    for status in (200, 407, 403):
        forge.faults[:] = [Fault("GET", status, page)] * 3
        with pytest.raises(CommentError, match="not JSON"):
            publish(place, FOUND, MARKER)
    assert forge.changes == []


@pytest.mark.parametrize("body", [b"{}", b"null", b'"x"', b"7", b"[" * 100_000, b"\xff", b"[null]"])
def test_odd_json_is_no_crash(forge: Forge, place: Place, body: bytes) -> None:
    assert place.whose()
    forge.faults.append(Fault("GET", 200, body))
    try:
        list(place.comments())
    except CommentError as error:
        assert "\n" not in str(error)  # noqa: PT017
    forge.faults[:] = [Fault("GET", 200, body)]
    try:
        assert publish(place, FINE, MARKER) is Done.SILENT
    except CommentError as error:
        assert "\n" not in str(error)  # noqa: PT017
    assert forge.changes == []


def test_an_account_that_is_not_told_owns_nothing(forge: Forge, place: Place) -> None:
    forge.faults.append(Fault("GET", 200, b"{}"))
    with pytest.raises(CommentError, match="whose the token is"):
        publish(place, FOUND, MARKER)
    assert forge.changes == []


def test_an_endless_answer_ends(
    forge: Forge, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MOST_READ", 1000)
    forge.faults.append(Fault("GET", 200, b" " * 5000))
    with pytest.raises(CommentError, match="too long"):
        publish(place, FOUND, MARKER)


def test_a_job_token_that_may_not_ask_who_it_is_is_the_actions_bots() -> None:
    with Forge("github", user_answers=False) as forge:
        client = Client(forge.url, {"Authorization": "Bearer x"})
        forge.say(STRANGER, FOUND)
        forge.say(US, FOUND)
        assert publish(GitHub(client, "shop/shop", 7), OTHER, MARKER) is Done.EDITED
        assert [b for _, _, b in forge.comments] == [FOUND, OTHER]
        assert publish(GitHub(client, "shop/shop", 7, "my-app[bot]"), FINE, MARKER) is Done.SILENT


def test_a_token_that_is_refused_is_not_the_actions_bots() -> None:
    with Forge("github") as forge:
        forge.faults.append(Fault("GET", 401))
        with pytest.raises(CommentRefusedError):
            publish(GitHub(Client(forge.url, {}), "shop/shop", 7), FOUND, MARKER)
        assert forge.changes == []


def test_a_server_that_is_not_there_is_one_sentence(sleeps: Sleeps) -> None:
    with Forge("github") as forge:
        url = forge.url
    with pytest.raises(CommentError, match="could not be reached") as caught:
        publish(
            GitHub(Client(url, {"Authorization": f"Bearer {TOKEN}"}, sleeps), "a/b", 1),
            FOUND,
            MARKER,
        )
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "api.github.com", "ftp://x", "file:///etc/passwd", "http://", "https://u:p@x/api",
            "https://x:99999/", "https://[::1"]
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CommentError, match="not the address"):
        Client(url, {})
