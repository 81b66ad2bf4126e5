"""Calls to other systems: time limits, a deadline, retries that do no harm, and a breaker around each try."""

import asyncio
import random as random_module
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar

import httpx

from reference_impl.kit.clock import Clock
from reference_impl.kit.telemetry import Metrics, current_request_id, current_trace

T = TypeVar("T")
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
PASSING_STATUSES = frozenset({429, 502, 503, 504})


class NotPermitted(Exception):
    """A guard let the call not through; the upstream saw nothing of it."""

    retry_after: float = 0.0
    """Seconds until asking again makes sense."""


class Guard(Protocol):
    """What stands around one call to one upstream; a breaker is one. Raises NotPermitted."""

    async def call(self, fn: Callable[[], Awaitable[T]]) -> T: ...


class Random(Protocol):
    """The randomness that jitter needs."""

    def random(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long to wait: exponential, capped, with full jitter."""

    attempts: int = 3
    base_seconds: float = 0.1
    factor: float = 2.0
    cap_seconds: float = 10.0

    def delay(self, attempt: int, random: Random) -> float:
        """Seconds to wait after the given attempt (the first is 1): anywhere from nothing to the ceiling."""
        ceiling = min(self.cap_seconds, self.base_seconds * self.factor ** (attempt - 1))
        return ceiling * random.random()


NO_RETRY = RetryPolicy(attempts=1)


class NoGuard:
    """Lets every call through."""

    async def call(self, fn: Callable[[], Awaitable[T]]) -> T:
        return await fn()


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read Retry-After in either form; None when there is none or it makes no sense."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def may_retry(method: str, response: httpx.Response | None) -> bool:
    """A try may be repeated when repeating does no harm and the failure may pass."""
    if method.upper() not in IDEMPOTENT:
        return False
    return response is None or response.status_code in PASSING_STATUSES


def tries_left(tried: int, allowed: int) -> bool:
    """Whether another try is allowed at all."""
    return tried < allowed


async def bounded(seconds: float, call: Callable[[], Awaitable[T]]) -> T:
    """Await the whole call, not only each of its reads, for so long; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        return await call()


class Deadline(Protocol):
    """Keeps a call within the seconds that are left for it."""

    async def __call__(self, seconds: float, call: Callable[[], Awaitable[T]]) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicies:
    """The decisions of outbound calls."""

    may_retry: Callable[[str, httpx.Response | None], bool] = may_retry
    tries_left: Callable[[int, int], bool] = tries_left
    deadline: Deadline = bounded


class Outbound:
    """One client for all upstreams of this process."""

    def __init__(
        self,
        *,
        clock: Clock,
        metrics: Metrics,
        random: Random | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        policies: CallPolicies = CallPolicies(),
        timeout_seconds: float = 5.0,
    ) -> None:
        self._clock = clock
        self._random = random or random_module.SystemRandom()
        self._transport = transport
        self._policies = policies
        self._timeout = httpx.Timeout(timeout_seconds, connect=2.0)
        self._client: httpx.AsyncClient | None = None
        self._requests = metrics.counter(
            "outbound_requests_total", "Calls to other systems.", ("upstream", "outcome")
        )

    def client(self) -> httpx.AsyncClient:
        """The client under it, for streaming; made on first use because reading certificates takes time."""
        if self._client is None:
            # Proxies of the environment are not used: what we checked must be what we connect to.
            self._client = httpx.AsyncClient(
                transport=self._transport, timeout=self._timeout, trust_env=False, follow_redirects=False
            )
        return self._client

    async def request(
        self,
        upstream: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        timeout_seconds: float | None = None,
        deadline_seconds: float = 15.0,
        retry: RetryPolicy = NO_RETRY,
        guard: Guard | None = None,
    ) -> httpx.Response:
        """Send, and repeat while that is harmless and time is left. Raises httpx's and the guard's errors."""
        deadline = self._clock.monotonic() + deadline_seconds
        around = guard or NoGuard()

        async def once() -> httpx.Response:
            left = deadline - self._clock.monotonic()
            request = self.client().build_request(
                method,
                url,
                headers=propagated(headers),
                params=params,
                json=json,
                content=content,
                timeout=min(left, timeout_seconds) if timeout_seconds else self._bounded(left),
            )
            return await self._send(request, left)

        attempt = 1
        while True:
            response, failure = await self._try(upstream, around, once)
            last = not (
                self._policies.may_retry(method, response)
                and self._policies.tries_left(attempt, retry.attempts)
            )
            if last or (failure is None and response is not None and response.is_success):
                return _settled(response, failure)
            wait = self._wait(retry, attempt, response)
            if self._clock.monotonic() + wait >= deadline:
                return _settled(response, failure)
            await self._clock.sleep(wait)
            attempt += 1

    async def _send(self, request: httpx.Request, left: float) -> httpx.Response:
        try:
            return await self._policies.deadline(left, lambda: self.client().send(request))
        except TimeoutError as error:
            raise httpx.ReadTimeout("the deadline of the call passed", request=request) from error

    async def _try(
        self, upstream: str, guard: Guard, once: Callable[[], Awaitable[httpx.Response]]
    ) -> tuple[httpx.Response | None, httpx.TransportError | None]:
        try:
            response = await guard.call(once)
        except httpx.TransportError as error:
            outcome = "timeout" if isinstance(error, httpx.TimeoutException) else "unreachable"
            self._requests.labels(upstream, outcome).inc()
            return None, error
        except Exception:
            self._requests.labels(upstream, "refused").inc()
            raise
        self._requests.labels(upstream, f"{response.status_code // 100}xx").inc()
        return response, None

    def _bounded(self, left: float) -> httpx.Timeout:
        limits = self._timeout.as_dict()
        return httpx.Timeout(**{name: min(left, limit or left) for name, limit in limits.items()})

    def _wait(self, retry: RetryPolicy, attempt: int, response: httpx.Response | None) -> float:
        delay = retry.delay(attempt, self._random)
        if response is None:
            return delay
        asked = retry_after_seconds(response.headers.get("Retry-After"), self._clock.now())
        return delay if asked is None else max(asked, delay)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def propagated(headers: Mapping[str, str] | None) -> dict[str, str]:
    """The headers with our trace and request id added, so that the next hop can be found."""
    merged = dict(headers or {})
    trace = current_trace()
    if trace is not None:
        merged.setdefault("traceparent", trace.child().header())
    if request_id := current_request_id():
        merged.setdefault("X-Request-ID", request_id)
    return merged


def _settled(response: httpx.Response | None, failure: httpx.TransportError | None) -> httpx.Response:
    if failure is not None:
        raise failure
    if response is None:
        raise RuntimeError("a try ended with neither an answer nor a failure")
    return response
