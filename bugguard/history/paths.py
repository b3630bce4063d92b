"""Which files hold code worth learning from and matching against, judged by the path alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bugguard.history.regexes import compiled, searches


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODE = _words(
    # One line a family: web, C and kin, JVM, .NET, scripting, functional, systems, data, build.
    """
    js jsx mjs cjs ts tsx mts cts vue svelte astro coffee erb ejs jinja jinja2 j2 twig jsp cshtml
    c h cc cpp cxx c++ hh hpp hxx h++ ipp inl tcc m mm cu cuh glsl hlsl metal idl
    java kt kts scala sc groovy gradle clj cljs cljc
    cs fs fsx vb xaml
    py pyi pyx pxd rb rake php phtml pl pm lua tcl r jl raku sh bash zsh ksh fish ps1 psm1 bat cmd
    ex exs erl hrl hs lhs ml mli elm purs lisp el scm rkt nix
    go rs swift dart zig nim d v vhd vhdl sv svh ada adb ads pas pp f f90 f95 f03 for cob cbl asm s
    sql plsql pgsql cypher graphql gql proto thrift sol move
    tf hcl rego cmake mk mak bzl bazel am ac m4 awk sed vim
    """
)
_CODE_NAMES = _words(
    """
    makefile gnumakefile dockerfile containerfile cmakelists.txt rakefile gemfile vagrantfile
    podfile fastfile brewfile justfile tiltfile build workspace sconstruct sconscript
    meson.build wscript
    """
)
_DOCS = _words("md markdown mdx rst adoc asciidoc tex texi pod org")
_DOCS_NAMES = _words(
    """
    readme changelog changes authors contributors copying license licence news history
    contributing todo notice thanks
    """
)
_DOCS_FOLDERS = _words("doc docs documentation javadoc")

_VENDORED_FOLDERS = _words(
    """
    vendor vendors vendored _vendor _vendored third_party third-party thirdparty 3rdparty 3rd_party
    node_modules bower_components jspm_packages external externals extern deps dist godeps pods
    carthage submodules site-packages venv .venv .yarn
    """
)
_GENERATED_FOLDERS = _words("__generated__ generated autogen __snapshots__")
_GENERATED_NAMES = _words(
    """
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb poetry.lock
    pipfile.lock uv.lock pdm.lock cargo.lock gemfile.lock composer.lock go.sum go.work.sum mix.lock
    flake.lock pubspec.lock podfile.lock gradle.lockfile packages.lock.json .terraform.lock.hcl
    gradlew gradlew.bat mvnw mvnw.cmd configure aclocal.m4 ltmain.sh libtool.m4 config.guess
    config.sub install-sh depcomp versioneer.py bindata.go lex.yy.c
    """
)
_GENERATED_FILE = re.compile(
    r"""
      \.pb(\.validate|\.gw)?\.(go|cc|h|swift|dart)$ | _pb2(_grpc)?\.pyi?$ | _pb\.(js|ts|rb|d\.ts)$
    | \.(g|freezed|gr|mocks|config)\.dart$
    | [.-](min|bundle|chunk)\.m?js$ | \.map$
    | \.(designer|g|g\.i)\.(cs|vb)$
    | [._](generated|gen)\.\w+$ | ^zz_generated | \.tab\.[ch]$
    """,
    re.VERBOSE,
)

_CI_FOLDERS = _words(".github .gitlab .circleci .buildkite .travis .azure-pipelines .ci")
_CI_NAMES = _words(
    """
    .gitlab-ci.yml .travis.yml appveyor.yml .appveyor.yml azure-pipelines.yml .drone.yml
    bitbucket-pipelines.yml .cirrus.yml .pre-commit-config.yaml codecov.yml .codecov.yml
    jenkinsfile tox.ini noxfile.py
    """
)

_TEST_FOLDERS = _words(
    """
    test tests __tests__ __test__ __mocks__ unittest unittests testdata test_data testsuite
    testsuites test-suite e2e cypress
    """
)
# In the middle of a path these are as often a product's own code (numpy/testing, pkg/spec).
_TEST_ROOTS = _words("testing t spec specs")
_TEST_FILE = re.compile(
    r"""
      ^tests?[_-] | ^tests?\.\w+$ | ^conftest\.py$
    | _(test|tests|unittest)\.\w+$ | _spec\.(rb|cr|lua|coffee|[cm]?[jt]sx?)$
    | [.-](test|tests|spec|specs|e2e|cy)\.[cm]?[jt]sx?$
    """,
    re.VERBOSE,
)
# The capital tells FooTest.java from Contest.java.
_TEST_CLASS = re.compile(r"[a-z0-9](Tests?|TestCase|Spec|IT)\.(java|kt|scala|groovy|cs|swift|php)$")


@dataclass(frozen=True, slots=True)
class PathRules:
    """The user's regexes, searched anywhere in the path: they overrule :func:`why_not_code`.

    Raises ConfigError for a regex that is none.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for setting, patterns in (("include", self.include), ("exclude", self.exclude)):
            for pattern in patterns:
                compiled(pattern, setting)

    def reason(self, path: str) -> str | None:
        """Why the file is left out, or None for code. ``exclude`` wins over ``include``."""
        if self.exclude and searches(self.exclude, path, "exclude"):
            return "excluded"
        if self.include and searches(self.include, path, "include"):
            return None
        return why_not_code(path)


@lru_cache(maxsize=1 << 16)
def why_not_code(path: str) -> str | None:
    """Why the file at a repository's posix path is not code worth learning; None if it is.

    One of ``vendored``, ``generated``, ``ci``, ``packaging``, ``docs``, ``test``, ``not-code``.
    """
    *folders, name = path.lower().split("/")
    stem, _, extension = name.rpartition(".")
    places = frozenset(folders)
    if places & _VENDORED_FOLDERS:
        return "vendored"
    if places & _GENERATED_FOLDERS or name in _GENERATED_NAMES or _GENERATED_FILE.search(name):
        return "generated"
    if places & _CI_FOLDERS or name in _CI_NAMES:
        return "ci"
    if name == "setup.py":  # classifiers and version bounds, whose edits look like undone fixes
        return "packaging"
    code = (bool(stem) and extension in _CODE) or name in _CODE_NAMES or _is_variant(name)
    prose = extension in _DOCS or name.partition(".")[0] in _DOCS_NAMES
    if places & _DOCS_FOLDERS or (prose and not code):  # history.py is code
        return "docs"
    if _is_test(path, folders, name):
        return "test"
    return None if code else "not-code"


def _is_variant(name: str) -> bool:
    """``Dockerfile.alpine`` and the like."""
    return name.startswith(("dockerfile.", "makefile."))


def _is_test(path: str, folders: list[str], name: str) -> bool:
    if not _TEST_FOLDERS.isdisjoint(folders) or _TEST_FILE.search(name):
        return True
    if folders and folders[0] in _TEST_ROOTS:
        return True
    return bool(_TEST_CLASS.search(path))
