"""How hard a scenario may press: so many tries by depth, so much time, and back off when asked to."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from harness.core.layer import Depth
from harness.layers.scenarios.signals import Inconclusive

T = TypeVar("T")

#: A scenario is stopped after 45 s; what has been seen by then must have been said before.
_SECONDS = 30.0
_LONGEST_PAUSE = 3.0
_MOST = {Depth.QUICK: 6, Depth.STANDARD: 24, Depth.FULL: 400}


@dataclass(slots=True, kw_only=True)
class Pace:
    """One scenario's measure of traffic; `gap` is the least time between two requests."""

    depth: Depth
    gap: float = 0.0
    seconds: float = _SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _started: float = field(init=False)
    _last: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._started = self.clock()

    def some(self, items: Iterable[T]) -> Iterator[T]:
        """Yield as many as the depth allows, and none once the time is over."""
        for number, item in enumerate(items):
            if number >= _MOST[self.depth] or self.is_over:
                return
            yield item

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.clock() - self._started >= self.seconds

    def ask(self, client: httpx.Client, method: str, path: str, **content: Any) -> httpx.Response:
        """Send one request; wait once when told to, and give up politely when told again."""
        if (early := self.gap - (self.clock() - self._last)) > 0:
            self.sleep(early)
        self._last = self.clock()
        answer = _sent(client, method, path, content)
        if not _is_throttled(answer):
            return answer
        pause = _pause(answer)
        if pause <= _LONGEST_PAUSE and not self.is_over:
            self.sleep(pause)
            answer = _sent(client, method, path, content)
        if _is_throttled(answer):
            raise Inconclusive(
                "throttled", f"{method} {answer.request.url.path} answered {answer.status_code}: too fast."
            )
        return answer


def _sent(client: httpx.Client, method: str, path: str, content: dict[str, Any]) -> httpx.Response:
    """Return the answer; one that HTTP cannot read is what a gateway makes of it: 502 and nothing in it."""
    try:
        return client.request(method, path, **content)
    except (httpx.InvalidURL, httpx.RemoteProtocolError):
        return httpx.Response(502, request=httpx.Request(method, client.base_url))


def _is_throttled(answer: httpx.Response) -> bool:
    return answer.status_code == 429 or (answer.status_code == 503 and "retry-after" in answer.headers)


def _pause(answer: httpx.Response) -> float:
    try:
        return max(float(answer.headers.get("retry-after", "1")), 0.1)
    except ValueError:
        return _LONGEST_PAUSE
