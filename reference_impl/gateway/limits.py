"""Rate limits, counted in Redis so that they hold over processes; one atomic step per request."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from math import ceil

from redis.exceptions import RedisError
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.counting import Charges, Counting, Rule, Taken
from reference_impl.gateway.exchange import exchange_of, header, within
from reference_impl.kit.access import SCOPE_PRINCIPAL, SCOPE_REFUSAL, Kind, Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.problem import TooManyRequests, Unavailable
from reference_impl.kit.telemetry import Metrics

_log = logging.getLogger(__name__)
_BLIND_SECONDS = 1.0
_EXEMPT = ("/health", "/metrics", "/_control")

IDENTITY = Rule(name="identity", quota=600)
ADDRESS = Rule(name="address", quota=300)
LOGIN = Rule(name="login", quota=30)
LOGIN_LIKE = ("/auth/login", "/auth/register", "/auth/refresh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a limit may depend on."""

    path: str
    address: str
    principal: Principal | None
    refused_credentials: bool


def budgets(asked: Asked) -> Charges:
    """Which rules count this request, and on whose account: the identity's own when there is one."""
    known = asked.principal is not None and asked.principal.kind is not Kind.ANONYMOUS
    if known and asked.principal is not None:
        chosen = [(IDENTITY, f"{asked.principal.tenant}/{asked.principal.subject}")]
    else:
        chosen = [(ADDRESS, asked.address)]
    if within(asked.path, LOGIN_LIKE):
        chosen.append((LOGIN, asked.address))
    return chosen


BudgetPolicy = Callable[[Asked], Charges]
AddressPolicy = Callable[[Scope, Sequence[str]], str]


def client_address(scope: Scope, trusted: Sequence[str]) -> str:
    """The peer's address; what proxies say about it counts only from those that are configured."""
    peer = scope["client"][0] if scope.get("client") else "unknown"
    forwarded = header(scope, b"x-forwarded-for")
    if not forwarded or not _is_trusted(peer, trusted):
        return peer
    for hop in reversed([part.strip() for part in forwarded.split(",")]):
        if not _is_address(hop):
            return peer
        if not _is_trusted(hop, trusted):
            return hop
    return peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, trusted: Sequence[str]) -> bool:
    return _is_address(address) and any(
        ip_address(address) in ip_network(network, strict=False) for network in trusted
    )


class RateLimits:
    """Counts requests, refuses the surplus; blind (Redis down) it still stops what guesses secrets."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        counter: Counting,
        clock: Clock,
        metrics: Metrics,
        scale: float,
        trusted_proxies: Sequence[str],
        budgets: BudgetPolicy,
        address: AddressPolicy,
    ) -> None:
        self._app = app
        self._counter = counter
        self._clock = clock
        self._scale = scale
        self._trusted = tuple(trusted_proxies)
        self._budgets = budgets
        self._address = address
        self._blind_until = 0.0
        self._unlimited = metrics.counter("rate_limit_blind_total", "Requests that no limit could count.")
        self._refused = metrics.counter("rate_limit_refused_total", "Requests over a limit.", ("rule",))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not within(scope["path"], _EXEMPT):
            await self._count(scope)
        await self._app(scope, receive, send)

    async def _count(self, scope: Scope) -> None:
        asked = Asked(
            path=scope["path"],
            address=self._address(scope, self._trusted),
            principal=scope.get(SCOPE_PRINCIPAL),
            refused_credentials=SCOPE_REFUSAL in scope,
        )
        chosen = [(rule.scaled(self._scale), owner) for rule, owner in self._budgets(asked)]
        if not chosen:
            return
        if self._clock.monotonic() < self._blind_until:
            self._let_pass(asked)
            return
        try:
            taken = await self._counter.take(chosen)
        except (RedisError, OSError) as error:
            self._blind_until = self._clock.monotonic() + _BLIND_SECONDS
            _log.warning("rate limits are blind", extra={"reason": type(error).__name__})
            self._let_pass(asked)
            return
        self._decide(scope, taken)

    def _let_pass(self, asked: Asked) -> None:
        self._unlimited.inc()
        if within(asked.path, LOGIN_LIKE):
            raise Unavailable("Signing in is not possible while attempts cannot be counted.", retry_after=2)

    def _decide(self, scope: Scope, taken: Taken) -> None:
        exchange = exchange_of(scope)
        policies = (
            f'"{each.rule.name}";q={each.rule.quota};w={each.rule.window_seconds}' for each in taken.budgets
        )
        exchange.add("RateLimit-Policy", ", ".join(policies))
        states = (f'"{each.rule.name}";r={each.left};t={ceil(each.reset_seconds)}' for each in taken.budgets)
        exchange.add("RateLimit", ", ".join(states))
        if not taken.refused:
            return
        spent = [each for each in taken.budgets if each.left == 0]
        for each in spent:
            self._refused.labels(each.rule.name).inc()
        wait = max((each.reset_seconds for each in spent), default=1.0)
        raise TooManyRequests(f"Too many requests. Try again in {ceil(wait)} s.", retry_after=wait)
