"""The Action's and the template's own scripts, with the environment that each service documents."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from forge import STRANGER, TOKEN, US, Fault, Forge
from places import READERS
from program import CLEAN, FINDINGS, USAGE, Result, bugguard, execute
from repository import Repository
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional

ROOT = Path(__file__).parents[2]


class Upstream:
    """A shop on a server, with a branch that takes a fix back and one that does not."""

    def __init__(self, path: Path) -> None:
        self.shop = Shop.at(path / "upstream")
        self.left = self.shop.text("rev-parse", "HEAD")
        self.heads = {}
        for branch, files in (
            ("undo", self.shop.undone(REPLACED)),
            ("fine", {"shop/new.py": "new_value = make_new()\n"}),
        ):
            self.shop.git("checkout", "-q", "-b", branch, "main")
            self.heads[branch] = self.shop.commit(files, f"Work on {branch}")
            self.shop.git("checkout", "-q", "--detach", "main")
            self.shop.git("merge", "-q", "--no-ff", "-m", "Merge", branch)
            self.shop.git("update-ref", f"refs/pull/{branch}/merge", "HEAD")
        self.shop.git("checkout", "-q", "main")
        self.main = self.shop.commit({"shop/more.py": "more = make_more()\n"}, "Go on")

    def clone(self, path: Path, ref: str) -> Repository:
        clone = Repository(path)
        clone.git("remote", "add", "origin", f"file://{self.shop.path}")
        clone.git("fetch", "-q", "--no-tags", "--depth=1", "origin", ref)
        clone.git("checkout", "-q", "--detach", "FETCH_HEAD")
        return clone


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    return Upstream(tmp_path_factory.mktemp("server"))


class Job:
    """One job on GitHub: a checkout, and the action's steps in it."""

    def __init__(self, upstream: Upstream, path: Path, branch: str, *, fork: bool = False) -> None:
        self.clone = upstream.clone(path / "work", f"refs/pull/{branch}/merge")
        self.path = path
        home = {"full_name": "stranger/shop" if fork else "shop/shop"}
        event = {
            "action": "opened",
            "number": 7,
            "pull_request": {
                "number": 7,
                "head": {"sha": upstream.heads[branch], "ref": branch, "repo": home},
                "base": {"sha": upstream.main, "ref": "main", "repo": {"full_name": "shop/shop"}},
            },
            "repository": {"full_name": "shop/shop", "default_branch": "main"},
        }
        (path / "event.json").write_text(json.dumps(event))
        (path / "temp").mkdir()
        self.told = {
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(path / "event.json"), "GITHUB_BASE_REF": "main",
            "GITHUB_HEAD_REF": branch, "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_SHA": self.clone.text("rev-parse", "HEAD"),
            "GITHUB_REPOSITORY": "shop/shop", "GITHUB_API_URL": "http://127.0.0.1:9",
            "GITHUB_WORKSPACE": str(self.clone.path), "RUNNER_TEMP": str(path / "temp"),
            "GITHUB_OUTPUT": str(path / "output"), "GITHUB_STEP_SUMMARY": str(path / "summary"),
            "GITHUB_ACTION_PATH": str(ROOT / "action"), "IN_INSTALL": "false",
        }  # fmt: skip

    def step(self, name: str, **more: str) -> Result:
        command = ["bash", str(ROOT / "action" / "run.sh"), name]
        return execute(self.clone, command, **self.told | more)

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.path / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def forge() -> Iterator[Forge]:
    with Forge("github", user_answers=False) as forge:
        yield forge


def test_a_pull_request_that_takes_a_fix_back(
    upstream: Upstream, tmp_path: Path, forge: Forge
) -> None:
    job = Job(upstream, tmp_path, "undo")
    assert job.step("prepare").code == CLEAN
    key, restore = job.outputs["key"], job.outputs["restore"]
    assert key == restore + upstream.main
    assert job.outputs["path"] == str(job.clone.path / ".git" / "bugguard")
    result = job.step("index")
    assert (result.code, job.outputs["state"]) == (CLEAN, "learned"), result
    assert "4 past fixes" in result.err

    result = job.step("check", IN_ARGUMENTS="--threshold\n0.05\n")
    assert result.code == CLEAN, result  # the verdict comes last
    [line] = [line for line in result.out.splitlines() if line.startswith("::")]
    assert line.startswith(f"::warning file={REPLACED.path},line=") or "::error file" in line
    assert job.outputs["findings"] == "true"
    assert REPLACED.path in (tmp_path / "summary").read_text()
    sarif = json.loads(Path(job.outputs["sarif"]).read_text())
    assert len(sarif["runs"][0]["results"]) == 1
    assert READERS["html"](Path(job.outputs["html"]).read_text("utf-8"))[0][0] == REPLACED.path

    comment = {"IN_MARKDOWN": job.outputs["markdown"], "GITHUB_TOKEN": TOKEN,
               "GITHUB_API_URL": forge.url}  # fmt: skip
    forge.say(STRANGER, "<!-- bugguard -->\nnot ours")
    for _ in range(2):  # a run that is repeated says nothing twice
        result = job.step("comment", **comment)
        assert result.code == CLEAN, result
        assert TOKEN not in result.out + result.err
    assert [author for _, author, _ in forge.comments] == [STRANGER, US]
    assert forge.comments[1][2] == Path(job.outputs["markdown"]).read_text()
    assert set(forge.tokens) == {f"Bearer {TOKEN}"}
    findings = job.outputs["findings"]
    assert job.step("verdict", IN_FINDINGS=findings, IN_FAIL="true").code == FINDINGS
    assert job.step("verdict", IN_FINDINGS=findings, IN_FAIL="false").code == CLEAN


def test_a_pull_request_without_a_finding_on_a_restored_index(
    upstream: Upstream, tmp_path: Path, forge: Forge
) -> None:
    """The index is another job's, and then the clone need not be deepened for it."""
    (tmp_path / "first").mkdir()
    first = Job(upstream, tmp_path / "first", "undo")
    assert first.step("index").code == CLEAN
    job = Job(upstream, tmp_path, "fine")
    shutil.copytree(first.clone.path / ".git" / "bugguard", job.clone.path / ".git" / "bugguard")
    assert job.step("index").code == CLEAN
    assert job.outputs["state"] == "kept"
    assert job.clone.text("rev-parse", "--is-shallow-repository") == "true"
    assert job.step("check").code == CLEAN
    assert job.outputs["findings"] == "false"
    comment = {"IN_MARKDOWN": job.outputs["markdown"], "GITHUB_TOKEN": TOKEN,
               "GITHUB_API_URL": forge.url}  # fmt: skip
    result = job.step("comment", **comment)
    assert (result.code, forge.changes) == (CLEAN, []), result
    assert job.step("verdict", IN_FINDINGS="false", IN_FAIL="true").code == CLEAN


def test_a_fork_is_checked_without_a_token_and_its_comment_is_let_be(
    upstream: Upstream, tmp_path: Path, forge: Forge
) -> None:
    job = Job(upstream, tmp_path, "undo", fork=True)
    (tmp_path / "c.md").write_text("<!-- bugguard -->\n### `a.py:1`\n")
    for more in ({}, {"GITHUB_TOKEN": TOKEN}):
        forge.faults += [Fault("POST", 403, b'{"message": "Resource not accessible"}')]
        told = job.told | {"GITHUB_API_URL": forge.url} | more
        result = bugguard(job.clone, "comment", "--file", tmp_path / "c.md", **told)
        assert result.code == CLEAN
        assert "fork" in result.err
    # Where the run is not a fork's, the same is an error that says what is missing.
    (tmp_path / "own").mkdir()
    own = Job(upstream, tmp_path / "own", "undo")
    told = own.told | {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": TOKEN}
    forge.faults[:] = [Fault("POST", 403)]
    result = bugguard(own.clone, "comment", "--file", tmp_path / "c.md", **told)
    assert result.code == USAGE
    assert "pull-requests: write" in result.complaint
    result = own.step("comment", IN_MARKDOWN=str(tmp_path / "none.md"), GITHUB_TOKEN=TOKEN)
    assert result.code == CLEAN  # what was found counts all the same
    assert "::warning" in result.out


def test_a_check_that_cannot_know_its_base_fails_and_reports_nothing(
    upstream: Upstream, tmp_path: Path
) -> None:
    job = Job(upstream, tmp_path, "undo")
    assert job.step("index").code == CLEAN
    gone = json.loads((tmp_path / "event.json").read_text())
    gone["pull_request"]["head"]["sha"] = "d" * 40
    (tmp_path / "event.json").write_text(json.dumps(gone))
    result = job.step("check")
    assert result.code == USAGE
    assert "dddddddd" in result.err
    assert not (tmp_path / "summary").exists()
    result = bugguard(job.clone, "check", "--ci", **job.told | {"GITHUB_EVENT_NAME": "schedule"})
    assert result.code == USAGE
    assert "schedule" in result.complaint


@pytest.mark.parametrize("word", ["$(touch {mark})", "`touch {mark}`", "; touch {mark}", "a b"])
def test_an_inputs_words_are_words(upstream: Upstream, tmp_path: Path, word: str) -> None:
    job = Job(upstream, tmp_path, "fine")
    mark = tmp_path / "mark"
    result = job.step("check", IN_ARGUMENTS=word.format(mark=mark))
    assert result.code == USAGE
    assert not mark.exists()


def test_an_index_that_the_repository_names_needs_no_cache(shop: Shop) -> None:
    shutil.copytree(shop.path / ".git" / "bugguard", shop.path / "index")
    (shop.path / ".bugguard.toml").write_text('index = "index"\n')
    told = {"GITLAB_CI": "true", "CI_COMMIT_SHA": shop.text("rev-parse", "HEAD"),
            "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": "main"}  # fmt: skip
    result = bugguard(shop, "ci", "key", **told)
    assert (result.code, result.out) == (CLEAN, "key=\nrestore=\npath=\n")
    result = bugguard(shop, "ci", "index", **told)
    assert (result.code, result.out) == (CLEAN, "state=given\n")


def test_the_index_is_learned_where_it_must_be_and_only_there(
    upstream: Upstream, tmp_path: Path
) -> None:
    clone = upstream.clone(tmp_path / "work", "main")
    own = clone.path / ".git" / "bugguard"
    told = {"GITLAB_CI": "true", "CI_COMMIT_SHA": upstream.main, "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_BEFORE_SHA": upstream.left}  # fmt: skip
    result = bugguard(clone, "ci", "index", **told)
    assert (result.code, result.out) == (USAGE, "")
    assert "--fetch" in result.complaint
    assert bugguard(clone, "ci", "index", "--fetch", **told).out == "state=learned\n"
    assert bugguard(clone, "ci", "index", "--fetch", **told).out == "state=kept\n"

    # Of an earlier head, in a shallow clone: brought up to date where that head itself is checked.
    old = tmp_path / "old"
    assert bugguard(clone, "index", "build", "--branch", upstream.left).code == CLEAN
    shutil.copytree(own, old)
    clone = upstream.clone(tmp_path / "again", "main")
    own = clone.path / ".git" / "bugguard"
    shutil.copytree(old, own)
    request = told | {"CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_BRANCH": ""}
    assert bugguard(clone, "ci", "index", "--fetch", **request).out == "state=kept\n"
    assert clone.text("rev-parse", "--is-shallow-repository") == "true"
    assert bugguard(clone, "ci", "index", "--fetch", **told).out == "state=learned\n"

    # A cache can bring anything.
    for manifest in own.glob("*/manifest.json"):
        manifest.write_text("{")
    assert bugguard(clone, "ci", "index", "--fetch", **told).out == "state=learned\n"


def test_the_key_is_of_the_head_and_of_the_settings(shop: Shop) -> None:
    told = {"GITLAB_CI": "true", "CI_COMMIT_SHA": "a" * 40, "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}  # fmt: skip
    first = bugguard(shop, "ci", "key", **told).out.splitlines()
    assert first == bugguard(shop, "ci", "key", **told).out.splitlines()
    assert first[0].removeprefix("key=") == first[1].removeprefix("restore=") + "a" * 40
    other = bugguard(shop, "ci", "key", **told | {"CI_COMMIT_SHA": "b" * 40}).out.splitlines()
    assert (other[0] != first[0], other[1:]) == (True, first[1:])
    (shop.path / ".bugguard.toml").write_text("[learn]\nexclude = ['^old/']\n")
    assert bugguard(shop, "ci", "key", **told).out.splitlines()[1] != first[1]


def test_a_tag_is_nothing_to_check_and_says_so(shop: Shop) -> None:
    told = {"GITLAB_CI": "true", "CI_COMMIT_SHA": shop.text("rev-parse", "HEAD"),
            "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_TAG": "v1"}  # fmt: skip
    result = bugguard(shop, "check", "--ci", "--report", "json=r.json", **told)
    assert result.code == CLEAN
    assert "tag" in result.err
    assert json.loads((shop.path / "r.json").read_text())["findings"] == []


def test_fetch_is_for_ci_alone_and_a_report_names_its_format(shop: Shop) -> None:
    for arguments in (["--fetch"], ["--report", "nonsense=x"], ["--report", "json"],
                      ["--ci", "--staged"]):  # fmt: skip
        result = bugguard(shop, "check", *arguments)
        assert (result.code, result.out) == (USAGE, "")


def test_a_comment_outside_of_a_job_is_one_sentence(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "c.md").write_text("<!-- bugguard -->\n### `a.py:1`\n")
    result = bugguard(shop, "comment", "--file", tmp_path / "c.md")
    assert result.code == USAGE
    assert "GitHub Actions" in result.complaint
    told = {"GITLAB_CI": "true", "CI_COMMIT_SHA": "a" * 40, "CI_COMMIT_BRANCH": "main"}
    result = bugguard(shop, "comment", "--file", tmp_path / "c.md", **told)
    assert (result.code, result.out) == (CLEAN, "")
    assert "not about a pull or merge request" in result.err


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "t\u00f6ken"])
def test_a_token_that_is_none_is_refused_and_not_told(
    shop: Shop, tmp_path: Path, token: str
) -> None:
    (tmp_path / "c.md").write_text("<!-- bugguard -->\n### `a.py:1`\n")
    told = {"GITLAB_CI": "true", "CI_COMMIT_SHA": "a" * 40, "CI_API_V4_URL": "http://127.0.0.1:9",
            "CI_MERGE_REQUEST_IID": "7", "CI_PROJECT_ID": "1", "GITLAB_TOKEN": token}  # fmt: skip
    result = bugguard(shop, "comment", "--file", tmp_path / "c.md", **told)
    assert result.code == USAGE
    assert "GITLAB_TOKEN" in result.complaint
    assert token not in result.err


def gitlab(upstream: Upstream, path: Path, branch: str, **more: str) -> tuple[Repository, Result]:
    """The template's job in a fresh clone."""
    clone = upstream.clone(path, branch)
    job = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))["bugguard"]
    told = job["variables"] | {
        "GITLAB_CI": "true", "CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_COMMIT_SHA": upstream.heads[branch], "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_DEFAULT_BRANCH": "main", "CI_MERGE_REQUEST_IID": "7", "CI_PROJECT_ID": "11",
        "CI_MERGE_REQUEST_PROJECT_ID": "11", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "11",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": upstream.left, "INSTALL_BUGGUARD": "",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", **more,
    }  # fmt: skip
    script = "\n".join(job["script"])
    return clone, execute(clone, ["bash", "-eo", "pipefail", "-c", script], **told)


def test_the_template_on_a_merge_request_that_takes_a_fix_back(
    upstream: Upstream, tmp_path: Path
) -> None:
    with Forge("gitlab") as forge:
        told = {"COMMENT_BUGS": "true", "GITLAB_TOKEN": TOKEN, "CI_API_V4_URL": forge.url}
        clone, result = gitlab(upstream, tmp_path / "work", "undo", **told)
        assert result.code == FINDINGS, result
        [(_, author, body)] = forge.comments
        assert author == US
        assert body == (clone.path / "bugguard.md").read_text()
        assert TOKEN not in result.out + result.err
    [issue] = json.loads((clone.path / "gl-code-quality-report.json").read_text())
    assert issue["location"]["path"] == REPLACED.path
    [(path, _)] = READERS["html"]((clone.path / "bugguard.html").read_text("utf-8"))
    assert path == REPLACED.path
    assert re.search(r"^state=learned$", result.out, re.MULTILINE)

    # The next job gets the cache, and no token.
    (tmp_path / "next").mkdir()
    shutil.copytree(clone.path / ".bugguard-cache", tmp_path / "next" / ".bugguard-cache")
    clone, result = gitlab(upstream, tmp_path / "next", "fine", COMMENT_BUGS="true")
    assert result.code == CLEAN, result
    assert re.search(r"^state=kept$", result.out, re.MULTILINE)
    assert "was not commented" in result.out
    assert json.loads((clone.path / "gl-code-quality-report.json").read_text()) == []
