"""The Brave Search API: asks it behind a breaker, and believes nothing that it has not checked."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from urllib.parse import urlsplit

import httpx

from reference_impl.kit.clock import Clock
from reference_impl.kit.http import Guard, NotPermitted, Outbound, RetryPolicy, retry_after_seconds
from reference_impl.search.errors import (
    QuotaSpent,
    UpstreamGuarded,
    UpstreamNonsense,
    UpstreamRefused,
    UpstreamUnreachable,
)
from reference_impl.search.models import Hit, Kind, Query
from reference_impl.search.policies import quiet_seconds

#: One try may take this long, all tries together that long.
TRY_SECONDS = 1.5
DEADLINE_SECONDS = 3.0

_RETRY = RetryPolicy(attempts=2, base_seconds=0.1, cap_seconds=0.5)
_LONGEST_TEXT = 2000
_LONGEST_URL = 2048
_MARKUP = re.compile(r"<[^>]*>")


Parameters = Callable[[Query], Mapping[str, str]]


def parameters_of(query: Query) -> Mapping[str, str]:
    """What the provider is asked, in its own words."""
    parameters = {"q": query.text, "count": str(query.count), "offset": str(query.offset)}
    if query.freshness is not None:
        parameters["freshness"] = query.freshness.value
    return parameters


class BraveSearch:
    """An Upstream. A 429 is remembered: until its time has passed nothing is asked."""

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        http: Outbound,
        guard: Guard,
        clock: Clock,
        quiet_seconds: Callable[[float | None], float] = quiet_seconds,
        parameters: Parameters = parameters_of,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._http = http
        self._guard = guard
        self._clock = clock
        self._quiet_seconds = quiet_seconds
        self._parameters = parameters
        self._quiet_until = 0.0

    async def find(self, query: Query) -> tuple[Hit, ...]:
        """Ask once, twice at most; raises UpstreamFailed."""
        wait = self._quiet_until - self._clock.monotonic()
        if wait > 0:
            raise QuotaSpent(wait)
        response = await self._ask(query)
        if response.status_code == 429:
            raise self._quota(response)
        if response.status_code >= 500:
            raise UpstreamUnreachable(f"status {response.status_code}")
        if response.status_code != 200:
            raise UpstreamRefused(f"status {response.status_code}")
        return hits_of(query.kind, response)

    async def _ask(self, query: Query) -> httpx.Response:
        try:
            return await self._http.request(
                "brave",
                "GET",
                f"{self._base_url}/res/v1/{query.kind.value}/search",
                headers={"X-Subscription-Token": self._token, "Accept": "application/json"},
                params=self._parameters(query),
                timeout_seconds=TRY_SECONDS,
                deadline_seconds=DEADLINE_SECONDS,
                retry=_RETRY,
                guard=self._guard,
            )
        except NotPermitted as error:
            raise UpstreamGuarded(str(error)) from error
        except httpx.HTTPError as error:
            raise UpstreamUnreachable(type(error).__name__) from error

    def _quota(self, response: httpx.Response) -> QuotaSpent:
        asked = retry_after_seconds(response.headers.get("Retry-After"), self._clock.now())
        seconds = self._quiet_seconds(asked)
        self._quiet_until = self._clock.monotonic() + seconds
        return QuotaSpent(seconds)


def hits_of(kind: Kind, response: httpx.Response) -> tuple[Hit, ...]:
    """Read an answer; what is not usable is left out, an answer of another shape raises UpstreamNonsense."""
    try:
        document = response.json()
    except ValueError as error:
        raise UpstreamNonsense("not JSON") from error
    if not isinstance(document, dict):
        raise UpstreamNonsense("not an object")
    section = document.get("web", {"results": []}) if kind is Kind.WEB else document
    results = section.get("results") if isinstance(section, dict) else None
    if not isinstance(results, list):
        raise UpstreamNonsense("no list of results")
    found = (_hit(each) for each in results if isinstance(each, dict))
    return tuple(hit for hit in found if hit is not None)


def _hit(result: Mapping[str, object]) -> Hit | None:
    title, url, age = _text(result.get("title")), result.get("url"), result.get("age")
    if not title or not isinstance(url, str) or not is_web_address(url):
        return None
    return Hit(
        title=title,
        url=url,
        description=_text(result.get("description")),
        age=_text(age) if isinstance(age, str) and age else None,
    )


def _text(value: object) -> str:
    """Plain text of what may hold markup; entities are undone once and then hold nothing special."""
    if not isinstance(value, str):
        return ""
    plain = unescape(_MARKUP.sub("", value))
    return "".join(letter for letter in plain if letter.isprintable() or letter == "\n")[:_LONGEST_TEXT]


def is_web_address(url: str) -> bool:
    """Only http and https with a host, without credentials: a result is a link that people follow."""
    if len(url) > _LONGEST_URL or any(letter.isspace() or not letter.isprintable() for letter in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
