"""Settings: which source wins, what is refused, and what the refusal says."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from bugguard.config import Loaded, Settings, load
from bugguard.config.keys import GROUPS, KEYS
from bugguard.domain import Origins
from bugguard.errors import ConfigError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "repository"
    place.mkdir()
    return place


def dotted(root: Path, text: str, **kwargs: object) -> Loaded:
    (root / ".bugguard.toml").write_text(text, encoding="utf-8")
    return load(root, None, {}, kwargs)


def refused(root: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        dotted(root, text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_without_any_source_all_is_default(root: Path) -> None:
    loaded = load(root, root / "missing.toml", {"PATH": "/bin"}, {})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}
    assert load(None, None, {}, {}) == loaded


def test_every_field_is_a_key() -> None:
    names = {field.name for field in fields(Settings)} - set(GROUPS)
    names |= {f"{group}.{field.name}" for group, cls in GROUPS.items() for field in fields(cls)}
    assert set(KEYS) == names


def test_later_sources_win_and_are_named(root: Path, tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    (root / "pyproject.toml").write_text("[tool.bugguard.check]\nthreshold = 0.2\n")
    user.write_text("[check]\nthreshold = 0.1\n")
    environ: dict[str, str] = {}
    flags: dict[str, object] = {"check.threshold": None, "learn.include": ()}

    def now() -> tuple[float, str]:
        loaded = load(root, user, environ, flags)
        return loaded.settings.check.threshold, loaded.origins["check.threshold"]

    assert load(None, user, {}, {}).settings.check.threshold == 0.1
    assert now() == (0.2, "pyproject.toml")
    (root / ".bugguard.toml").write_text("[check]\nthreshold = 0.3\n")
    assert now() == (0.3, ".bugguard.toml")
    environ["BUGGUARD_CHECK_THRESHOLD"] = "0.4"
    assert now() == (0.4, "BUGGUARD_CHECK_THRESHOLD")
    flags["check.threshold"] = 0.5
    assert now() == (0.5, "command line")


def test_both_files_of_a_repository_count_key_by_key(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.bugguard]\nhook.strict = true\nindex = 'a'\n")
    loaded = dotted(root, "index = 'b'\n")
    assert loaded.settings.hook.strict is True
    assert loaded.settings.index == root / "b"


def test_every_kind_of_value_is_read(root: Path) -> None:
    loaded = dotted(
        root,
        "[learn]\nsince = '2 years ago'\nfix_subjects = ['^oops', '直す']\n"
        "[check]\nthreshold = 1\nmax_file_kb = 64\n[hook]\nstrict = true\n",
    ).settings
    assert loaded.learn.since == "2 years ago"
    assert loaded.learn.fix_subjects == ("^oops", "直す")
    assert isinstance(loaded.check.threshold, float)
    assert loaded.check.max_file_kb == 64
    assert loaded.hook.strict is True


def test_every_kind_of_value_is_read_from_the_environment() -> None:
    environ = {
        "BUGGUARD_ENCODER": "all-MiniLM-L6-v2",
        "BUGGUARD_HOOK_STRICT": "Yes",
        "BUGGUARD_HOOK_UPDATE_SECONDS": "0.5",
        "BUGGUARD_CHECK_MAX_HUNKS": "7",
        "BUGGUARD_LEARN_INCLUDE": "^a,b\n\n^c",
        "BUGGUARD_LEARN_SINCE": "",
        "BUGGUARD_JUDGE": "auto",
        "BUGGUARD_JUDGE_MODEL": "some",
    }
    settings = load(None, None, environ, {}).settings
    assert settings.encoder == "all-MiniLM-L6-v2"
    assert settings.hook.strict is True
    assert settings.hook.update_seconds == 0.5
    assert settings.check.max_hunks == 7
    assert settings.learn.include == ("^a,b", "^c")
    assert settings.learn.since is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[check]\ntreshold = 0.5", "'check.treshold' is not a setting; did you mean check.thresh"),
        ("threshold = 0.5", "'threshold' is not a setting; did you mean check.threshold?"),
        ("[chek]\nthreshold = 0.5", "'chek' is not a setting; did you mean check?"),
        ("zzz = 1", "'zzz' is not a setting; `bugguard config show` lists them all"),
        ("[check]\nthreshold = 'high'", "must be a number from 0 to 1, not 'high'"),
        ("[check]\nthreshold = 1.01", "must be a number from 0 to 1, not 1.01"),
        ("[check]\nthreshold = nan", "must be a number from 0 to 1, not nan"),
        ("[check]\nthreshold = true", "must be a number from 0 to 1, not True"),
        ("[check]\nmax_file_kb = 0", "must be a whole number from 1 to 1,000,000, not 0"),
        ("[check]\nmax_file_kb = 1.5", "must be a whole number from 1 to 1,000,000, not 1.5"),
        ("[check]\nmax_file_kb = 1000001", "must be a whole number from 1 to 1,000,000, not 100"),
        ("[check]\nmax_hunks = 0", "must be a whole number of at least 1, not 0"),
        ("[hook]\nstrict = 'yes'", "must be true or false, not 'yes'"),
        ("[learn]\ninclude = 'src'", "must be a list of texts, not 'src'"),
        ("[learn]\ninclude = [1]", "must be a list of texts, not [1]"),
        ("[learn]\nsince = ''", "must be a text that is not empty, not ''"),
        ('encoder = "a\\u0000b"', "encoder must be a text"),
        ("learn = 1", "learn must be a table, not 1"),
        ("\na = ;", "is not valid TOML: Invalid value (at line 2, "),
        ("\na = ", "is not valid TOML: Invalid value (at line 2, its end)"),
        ("a = " + "[" * 100_000, "is not valid TOML: "),
        ("a = " + "9" * 5000, "is not valid TOML: "),
        ("encoder = '" + "a" * 100_000 + "'", "is refused"),
        ("index = '~nobody-of-that-name/x'", "is refused"),
        ("#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(root: Path, text: str, says: str) -> None:
    sentence = refused(root, text)
    assert sentence.startswith(".bugguard.toml")
    assert says in sentence
    assert len(sentence) < 400


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BUGGUARD_INDX", "x", "did you mean BUGGUARD_INDEX?"),
        ("BUGGUARD_NOTHING_LIKE_IT", "x", "BUGGUARD_NOTHING_LIKE_IT is not a setting"),
        ("BUGGUARD_CHECK_THRESHOLD", "high", "must be a number from 0 to 1, not 'high'"),
        ("BUGGUARD_CHECK_MAX_HUNKS", "1e3", "must be a whole number of at least 1, not '1e3'"),
        ("BUGGUARD_HOOK_STRICT", "maybe", "must be true or false, not 'maybe'"),
    ],
)
def test_a_wrong_variable_is_one_clear_sentence(name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        load(None, None, {name: value}, {})
    assert says in str(caught.value)


def test_bytes_that_are_not_utf8_are_refused_by_line(root: Path) -> None:
    (root / ".bugguard.toml").write_bytes(b"# ok\nencoder = '\xff'\n")
    with pytest.raises(ConfigError, match=r"^\.bugguard\.toml:2 is not UTF-8"):
        load(root, None, {}, {})


@pytest.mark.skipif(os.name == "nt", reason="needs a FIFO and symbolic links")
@pytest.mark.parametrize("kind", ["fifo", "device", "directory"])
def test_only_regular_files_are_read(root: Path, kind: str) -> None:
    path = root / ".bugguard.toml"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(ConfigError, match="not a regular file"):
        load(root, None, {}, {})


def test_a_pyproject_that_does_not_name_us_is_none_of_our_business(root: Path) -> None:
    (root / "pyproject.toml").write_text("this is = not [ TOML")
    assert load(root, None, {}, {}).settings == Settings()
    (root / "pyproject.toml").write_text("[project]\ndependencies = ['bugguard']\n")
    assert load(root, None, {}, {}).settings == Settings()


def test_a_pyproject_that_names_us_must_be_right(root: Path) -> None:
    path = root / "pyproject.toml"
    path.write_text("[tool.bugguard]\nindex = \n")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml is not valid TOML.*line 2"):
        load(root, None, {}, {})
    path.write_text("[tool]\nbugguard = 1\n")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: tool\.bugguard must be a table"):
        load(root, None, {}, {})
    path.write_text("[tool.bugguard]\nencodr = 'static'\n")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: 'encodr' .* mean encoder\?"):
        load(root, None, {}, {})


def test_a_relative_index_is_seen_from_its_source(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "config.toml"
    user.write_text("index = 'kept'\n")
    monkeypatch.chdir(tmp_path)
    assert load(root, user, {}, {}).settings.index == root / "kept"
    assert load(root, user, {"BUGGUARD_INDEX": "e"}, {}).settings.index == tmp_path / "e"
    assert load(root, user, {}, {"index": Path("f/../g")}).settings.index == tmp_path / "g"
    assert dotted(root, "index = 'in/./it'").settings.index == root / "in" / "it"


@pytest.mark.parametrize(
    "index",
    ["/etc", "../other", "a/../../b", "~/x", "~root", ".git", ".git/hooks", ".GIT/x", "C:/x",
     "\\\\\\\\host\\\\share", "a\\\\..\\\\..\\\\b", "link/x", "loop", "hidden", "hidden/x",
     ".", "./", "itself"],
)  # fmt: skip
def test_a_repository_chooses_no_index_outside_itself(
    root: Path, tmp_path: Path, index: str
) -> None:
    (root / "link").symlink_to(tmp_path)
    (root / "loop").symlink_to(root / "loop")
    (root / ".git" / "objects").mkdir(parents=True)
    (root / "hidden").symlink_to(Path(".git", "objects"))
    (root / "itself").symlink_to(root)
    if index == "loop":  # leads nowhere, hence not outside: the index room will say so
        assert dotted(root, "index = 'loop'").settings.index == root / "loop"
        return
    sentence = refused(root, f'index = "{index}"')
    assert "a folder inside the repository" in sentence
    assert "your own config" in sentence


@pytest.mark.parametrize("key", ["baseline", "feedback"])
@pytest.mark.parametrize("name", ["/etc/kept", "../kept", "~/kept", ".git/config", "link", "."])
def test_a_repository_keeps_its_files_inside_itself(
    root: Path, tmp_path: Path, key: str, name: str
) -> None:
    (root / "link").symlink_to(tmp_path / "kept")
    sentence = refused(root, f'[check]\n{key} = "{name}"')
    assert f"check.{key}" in sentence
    assert "a file inside the repository" in sentence
    loaded = dotted(root, f"[check]\n{key} = 'quality/kept'").settings.check
    assert getattr(loaded, key) == root / "quality" / "kept"


@pytest.mark.parametrize("encoder", ["/models/x", "../x", "~/x", "a/b/c", "http://h/x", "link", ""])
def test_a_repository_chooses_no_encoder_outside_itself(
    root: Path, tmp_path: Path, encoder: str
) -> None:
    (root / "link").symlink_to(tmp_path)
    sentence = refused(root, f"encoder = '{encoder}'")
    assert "encoder" in sentence


def test_an_encoder_may_be_a_folder_inside_or_a_model_s_name(root: Path) -> None:
    (root / "models" / "deep" / "mine").mkdir(parents=True)
    (root / "static").mkdir()
    names = {
        "static": "static",
        "all-MiniLM-L6-v2": "all-MiniLM-L6-v2",
        "sentence-transformers/all-MiniLM-L6-v2": "sentence-transformers/all-MiniLM-L6-v2",
        "models/deep/mine": str(root / "models" / "deep" / "mine"),
    }
    for text, expected in names.items():
        assert dotted(root, f"encoder = '{text}'").settings.encoder == expected


@pytest.mark.parametrize("text", ["~nobody-of-that-name/x", "a" * 100_000])
def test_no_text_of_the_user_s_is_a_defect(text: str) -> None:
    assert load(None, None, {"BUGGUARD_INDEX": text}, {"encoder": text}).settings.encoder == text


def test_the_user_may_choose_any_place(root: Path, tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text(f"index = '{tmp_path / 'shared'}'\n")
    assert load(root, user, {}, {}).settings.index == tmp_path / "shared"


@profile(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=200), prefix=st.sampled_from([b"", b"[check]\n", b"index = "]))
def test_no_file_breaks_the_reader(root: Path, data: bytes, prefix: bytes) -> None:
    (root / ".bugguard.toml").write_bytes(prefix + data)
    try:
        load(root, None, {}, {})
        sentence = ""
    except ConfigError as error:
        sentence = str(error)
    assert sentence == "" or sentence.startswith(".bugguard.toml")


def test_the_toml_parser_is_loaded_only_when_needed(root: Path) -> None:
    (root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    code = (
        "import sys, pathlib; from bugguard.config import load;"
        "load(pathlib.Path(sys.argv[1]), None, {}, {});"
        "print({'tomllib', 'tomli', 'click', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    "text", ["github.com/acme/*=0.5", "a/b = 0", "x=1", "x=1.", "x=.25", "x=0."]
)
def test_weights(root: Path, text: str) -> None:
    loaded = dotted(root, f'[check]\nweights = ["{text}"]\n')
    assert loaded.settings.check.weights == (text,)
    Origins.parse(None, loaded.settings.check.weights)


@pytest.mark.parametrize(
    "text", ["", "=1", " =1", "x", "x=", "x=1.5", "x=2", "x=-0", "x=1e-3", "x=a"]
)
def test_what_is_no_weight(root: Path, text: str) -> None:
    said = refused(root, f'[check]\nweights = ["{text}"]\n')
    assert 'check.weights must be a list of texts such as "github.com/acme/*=0.5"' in said
