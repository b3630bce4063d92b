"""The history/paths room: which files count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.errors import ConfigError
from bugguard.history.paths import PathRules, why_not_code

REASONS = {
    None: """
        src/server.c lib/core/Axios.js src/_pytest/main.py luigi/lock.py index.d.ts Makefile
        docker/Dockerfile Dockerfile.alpine CMakeLists.txt cmd/main.go app/views/index.html.erb
        src/latest.py src/contest.go Contest.java Latest.kt attest/latest.js numpy/testing/utils.py
        pkg/spec/types.go pkg/t/run.go src/history.py News.java flask/testing.py openapi_spec.py
        vendoring.py distance/geo.py docstore/main.rs 日本語/名前.py
    """,
    "test": """
        tests/unit/a.py test/run.rb pkg/server_test.go src/app.spec.ts src/app.test.jsx
        src/__tests__/app.js testing/test_main.py test_app.py conftest.py t/unit/app.pl
        spec/models/user_spec.rb lib/user_spec.rb src/FooTest.java src/FooTests.cs FooSpec.scala
        Tests/Kernel.php src/tests.py cypress/login.js
    """,
    "vendored": """
        vendor/github.com/x/y.go deps/lua/src/lua.c third_party/zlib/zlib.c dist/axios.js
        web/node_modules/left/pad.js src/pip/_vendor/six.py external/json.hpp
    """,
    "generated": """
        api/v1.pb.go api/v1_pb2.py api/v1_pb2_grpc.py lib/user.g.dart web/app.min.js app.bundle.js
        package-lock.json poetry.lock go.sum Form.Designer.cs zz_generated.deepcopy.go
        src/__generated__/types.ts parser.tab.c gradlew
    """,
    "docs": """
        README.md docs/conf.py CHANGELOG guide.rst doc/build.sh CHANGES.txt LICENSE README
    """,
    "ci": """
        .github/scripts/release.py .gitlab-ci.yml .travis.yml .circleci/config.yml Jenkinsfile
        .pre-commit-config.yaml tox.ini
    """,
    "not-code": """
        data.json logo.png config.yaml style.css bin/tool .py src/ redis.conf a.unknown
    """,
}


@pytest.mark.parametrize(
    ("path", "reason"),
    [(path, reason) for reason, paths in REASONS.items() for path in paths.split()],
)
def test_a_path_is_told_by_its_name(path: str, reason: str | None) -> None:
    assert why_not_code(path) == reason
    assert PathRules().reason(path) == reason


def test_include_overrules_what_is_built_in_and_exclude_overrules_include() -> None:
    rules = PathRules(include=(r"^tests/helpers/", r"\.ya?ml$"), exclude=(r"legacy",))
    assert rules.reason("tests/helpers/server.py") is None
    assert rules.reason("tests/test_server.py") == "test"
    assert rules.reason("deploy/app.yaml") is None
    assert rules.reason("tests/helpers/legacy.py") == "excluded"
    assert rules.reason("src/legacy/server.py") == "excluded"


@pytest.mark.parametrize("setting", ["include", "exclude"])
def test_a_bad_regex_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=rf"{setting}: '\*\.py'"):
        PathRules(**{setting: ("*.py",)})


@given(st.text())
def test_any_path_gets_an_answer(path: str) -> None:
    known = {None, "test", "vendored", "generated", "docs", "ci", "not-code"}
    assert why_not_code(path) in known
