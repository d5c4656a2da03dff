"""Real servers for tests: Debian's PostgreSQL and Redis on loopback, each with a folder of its own."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import redis

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST

SECONDS = 60.0


class Process:
    """A server process that tests may kill and start again.

    Args:
        command: how it is started.
        answers: whether it works.
        log: what it prints.
        patience: how long its start may take, in seconds.
    """

    def __init__(
        self, command: Sequence[str], answers: Callable[[], bool], log: Path, patience: float = SECONDS
    ) -> None:
        self._command, self._answers, self._log, self._patience = command, answers, log, patience
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it works."""
        deadline = time.monotonic() + self._patience
        while not self._answers():
            assert time.monotonic() < deadline, self._log.read_text()
            # After a hard end, something that it has left behind may be in the way for a moment.
            if self._process is None or self._process.poll() is not None:
                self._process = self._begun()
            time.sleep(0.05)

    def _begun(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as out:
            return subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **_as_nobody()
            )

    @property
    def pid(self) -> int:
        """Number of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def stop(self, number: int = signal.SIGINT) -> None:
        """End it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(SECONDS)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it take what comes and do nothing until the end of the block."""
        assert self._process is not None
        processes = list(with_children(self._process.pid))
        tell(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            tell(processes, signal.SIGCONT)


def works(url: str) -> bool:
    """Whether an address answers well."""
    with suppress(httpx.HTTPError):
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    return False


def tell(processes: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes; one that has just ended needs none."""
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


class Postgres(Process):
    """A PostgreSQL with any number of databases.

    Attributes:
        folder: where its files lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "data", free_ports(1)[0]
        self._bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        command = [self._bin / "initdb", "-D", self.folder, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*command, "--locale=C.UTF-8"], check=True, capture_output=True, **_as_nobody())
        options = ["-h", HOST, "-p", str(self.port), "-k", str(folder), "-c", "fsync=off", "-c", "autovacuum=off"]
        super().__init__(
            [str(self._bin / "postgres"), "-D", str(self.folder), *options], self._works, folder / "postgres.log"
        )

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://tests@{HOST}:{self.port}/{database}"

    def database(self, like: str | None = None) -> str:
        """The address of a new database: an empty one, or one like that of another address, which nobody uses."""
        name = f"test_{secrets.token_hex(6)}"
        template = f" TEMPLATE {like.rpartition('/')[2]}" if like else ""
        self.execute(f"CREATE DATABASE {name}{template}")
        return self.url(name)

    def files(self, url: str) -> Path:
        """Where the files of a database lie."""
        name = url.rpartition("/")[2]
        return self.folder / "base" / str(self.execute(f"SELECT oid FROM pg_database WHERE datname = '{name}'")[0][0])

    def execute(self, statement: str) -> Any:
        """Do something as the administrator; the rows that it gives."""
        with closing(psycopg2.connect(self.url())) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def _works(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True


class Redis(Process):
    """A Redis that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(1)[0]
        self.url = f"redis://{HOST}:{self.port}/0"
        command = ["redis-server", "--bind", HOST, "--port", str(self.port), "--save", "", "--dir", str(folder)]
        super().__init__(command, self._works, folder / "redis.log")

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def keys(self) -> list[str]:
        """The names of all that is kept, and what is kept under them."""
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            return [f"{key} {client.hgetall(key)}" for key in client.scan_iter()]

    def _works(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def running_redis(folder: Path) -> Iterator[Redis]:
    """A Redis, until the end of the block."""
    server = Redis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL in a folder, until the end of the block."""
    server = Postgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def with_children(pid: int) -> Iterator[int]:
    """A process and all that it has started, as far as they live."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield from with_children(child)


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; Debian has made a user for it."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": (), "cwd": "/"}
