"""Rate limits, counted in Redis so that they hold over processes; one atomic step per request."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address, ip_network
from math import ceil

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.exchange import exchange_of, header, within
from reference_impl.kit.access import SCOPE_PRINCIPAL, SCOPE_REFUSAL, Kind, Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.problem import TooManyRequests, Unavailable
from reference_impl.kit.telemetry import Metrics

_log = logging.getLogger(__name__)
_BLIND_SECONDS = 1.0
_EXEMPT = ("/health", "/metrics", "/_control")

# KEYS: one per rule. ARGV: now, then quota and window per rule. A window starts with its first request.
# Either every rule has room and all count the request, or none does. A request may arrive with an older
# time than the window's start (another process was quicker); it still belongs to that window.
_TAKE = """
local now = tonumber(ARGV[1])
local answer = {}
local refused = 0
for i, key in ipairs(KEYS) do
  local quota, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local start, used = tonumber(redis.call('HGET', key, 's')), tonumber(redis.call('HGET', key, 'n'))
  if not start or now >= start + window then start, used = now, 0 end
  if used >= quota then refused = 1 end
  answer[i] = {start, used, quota, window}
end
local out = {refused}
for i, key in ipairs(KEYS) do
  local start, used, quota, window = unpack(answer[i])
  if refused == 0 then
    used = used + 1
    redis.call('HSET', key, 's', string.format('%.3f', start), 'n', used)
    redis.call('PEXPIRE', key, math.ceil(window * 1000))
  end
  out[#out + 1] = quota - used
  out[#out + 1] = string.format('%.3f', start + window - now)
end
return out
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many requests in so many seconds."""

    name: str
    quota: int
    window_seconds: int = 60

    def scaled(self, factor: float) -> "Rule":
        return Rule(
            name=self.name, quota=max(1, round(self.quota * factor)), window_seconds=self.window_seconds
        )


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


def budgets(asked: Asked) -> Sequence[tuple[Rule, str]]:
    """Which rules count this request, and on whose account: the identity's own when there is one."""
    known = asked.principal is not None and asked.principal.kind is not Kind.ANONYMOUS
    if known and asked.principal is not None:
        chosen = [(IDENTITY, f"{asked.principal.tenant}/{asked.principal.subject}")]
    else:
        chosen = [(ADDRESS, asked.address)]
    if within(asked.path, LOGIN_LIKE):
        chosen.append((LOGIN, asked.address))
    return chosen


BudgetPolicy = Callable[[Asked], Sequence[tuple[Rule, str]]]
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
        redis: Redis,
        clock: Clock,
        metrics: Metrics,
        scale: float,
        trusted_proxies: Sequence[str],
        budgets: BudgetPolicy,
        address: AddressPolicy,
    ) -> None:
        self._app = app
        self._take = redis.register_script(_TAKE)
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
        try:
            result = await self._ask(chosen)
        except (RedisError, OSError) as error:
            self._go_blind(asked, error)
            return
        if result is not None:
            self._decide(scope, [rule for rule, _ in chosen], result)
        else:
            self._go_blind(asked, None)

    async def _ask(self, chosen: Sequence[tuple[Rule, str]]) -> list[float] | None:
        if self._clock.monotonic() < self._blind_until:
            return None
        keys = [f"rate:{rule.name}:{sha256(owner.encode()).hexdigest()[:24]}" for rule, owner in chosen]
        args: list[str] = [f"{self._clock.now().timestamp():.3f}"]
        for rule, _ in chosen:
            args += [str(rule.quota), str(rule.window_seconds)]
        return [float(value) for value in await self._take(keys=keys, args=args)]

    def _go_blind(self, asked: Asked, error: Exception | None) -> None:
        if error is not None:
            self._blind_until = self._clock.monotonic() + _BLIND_SECONDS
            _log.warning("rate limits are blind", extra={"reason": type(error).__name__})
        self._unlimited.inc()
        if within(asked.path, LOGIN_LIKE):
            raise Unavailable("Signing in is not possible while attempts cannot be counted.", retry_after=2)

    def _decide(self, scope: Scope, rules: Sequence[Rule], result: Sequence[float]) -> None:
        refused, *pairs = result
        states = list(zip(rules, pairs[::2], pairs[1::2], strict=True))
        exchange = exchange_of(scope)
        exchange.add(
            "RateLimit-Policy",
            ", ".join(f'"{rule.name}";q={rule.quota};w={rule.window_seconds}' for rule in rules),
        )
        exchange.add(
            "RateLimit",
            ", ".join(f'"{rule.name}";r={max(0, int(left))};t={ceil(reset)}' for rule, left, reset in states),
        )
        if not refused:
            return
        spent = [(rule, reset) for rule, left, reset in states if left <= 0]
        for rule, _ in spent:
            self._refused.labels(rule.name).inc()
        wait = max((reset for _, reset in spent), default=1.0)
        raise TooManyRequests(f"Too many requests. Try again in {ceil(wait)} s.", retry_after=wait)
