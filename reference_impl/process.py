"""What the commands do: run a server, run the workers, migrate; each until it is told to stop."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from pydantic import ValidationError

from reference_impl.app import Application, DuplicateState, UnknownService, create_app
from reference_impl.defects import DefectError
from reference_impl.gateway.routes import UndeclaredAccess
from reference_impl.kit.composition import Kit
from reference_impl.kit.database import Database
from reference_impl.kit.policies import PolicyError
from reference_impl.kit.telemetry import configure_logging
from reference_impl.migrations.runner import migrate
from reference_impl.services import Services, worker_services
from reference_impl.settings import Settings

_CONFIGURATION = (DefectError, UndeclaredAccess, UnknownService, DuplicateState, PolicyError)
_log = logging.getLogger(__name__)


class Unusable(Exception):
    """The configuration cannot be used; the message says what to change."""


def _settings(overrides: Mapping[str, object]) -> Settings:
    try:
        settings = Settings(**dict(overrides))  # type: ignore[arg-type]  # the command line gives text, pydantic parses it
    except ValidationError as error:
        lines = "; ".join(
            f"CORE_{'__'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()
        )
        raise Unusable(lines) from error
    configure_logging(settings.log_level)
    return settings


def _application(settings: Settings, services: Callable[[Kit], Services] | None = None) -> Application:
    try:
        return create_app(settings, services=services)
    except _CONFIGURATION as error:
        raise Unusable(str(error)) from error


def _run(main: Coroutine[Any, Any, int]) -> int:
    """Run on the standard loop.

    On uvloop a connection that is reset under load raises RuntimeError or AttributeError out of redis and
    anyio where the standard loop raises a ConnectionError, so an outage of Redis became a 500.
    """
    return asyncio.run(main)


class _Server(uvicorn.Server):
    """Ends with success when it was asked to end and has drained."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self._application = application

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._application.gateway.streams.end_all()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def serve(overrides: Mapping[str, object]) -> int:
    """Serve until SIGTERM or SIGINT, then answer what is under way and stop."""
    settings = _settings(overrides)
    application = _application(settings)
    server = _Server(
        uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
            timeout_keep_alive=30,
        ),
        application,
    )

    async def main() -> int:
        await server.serve()
        return 0 if server.started else 3

    return _run(main())


def work(overrides: Mapping[str, object]) -> int:
    """Run the workers' tasks until SIGTERM or SIGINT, then let them finish what they hold."""
    settings = _settings(overrides)
    application = _application(settings, worker_services)

    async def main() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with application.working():
            _log.info("worker started")
            await stop.wait()
            _log.info("worker drains")
        return 0

    return _run(main())


def migrate_database(overrides: Mapping[str, object]) -> int:
    """Bring the database to the newest revision."""
    settings = _settings(overrides)

    async def main() -> int:
        # A migration may take longer than a request may wait.
        database = Database(settings.sqlalchemy_url, statement_seconds=None)
        try:
            await migrate(database)
        finally:
            await database.close()
        return 0

    return _run(main())
