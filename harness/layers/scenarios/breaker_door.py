"""Search behind its circuit breaker from three sides: the caller's, its own and the provider's."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from harness.layers.scenarios.doors import Control, StubDoor
from harness.layers.scenarios.expect import expect_status, json_of, member
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.signals import Inconclusive, baseline

BREAKERS = "/api/circuit-breakers"
#: Small, so that few calls show it: opens when at least 4 calls were made and half of the last 6 failed.
SMALL: Mapping[str, Any] = {
    "window": "count",
    "window_size": 6,
    "minimum_calls": 4,
    "failure_rate_threshold": 50,
    "cooldown_seconds": 20,
    "permitted_probes": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Search behind its breaker, seen from all three sides: caller, breaker, provider."""

    identity: str
    name: str
    operator: httpx.Client
    brave: StubDoor
    control: Control
    word: str

    @property
    def calls(self) -> int:
        """How many calls have reached the provider."""
        return len(self.brave.requests("/res/v1/"))

    def provider(self, mode: str, **parameters: Any) -> None:
        """Set how the provider answers."""
        self.brave.mode(mode, **parameters)

    def search(self, times: int = 1) -> None:
        """Search for something that nobody searched for before, whatever search answers."""
        for _ in range(times):
            self.operator.get("/api/search/web", params={"q": f"{self.word} {time.monotonic_ns()}"})

    def state(self) -> str:
        """Return the state that the breaker shows."""
        state: str = self.standing()["state"]
        return state

    def standing(self) -> Mapping[str, Any]:
        """Return how the breaker says that it stands."""
        standing: Mapping[str, Any] = json_of(self.operator.get(f"{BREAKERS}/breakers/{self.identity}"))[
            "standing"
        ]
        return standing

    def expect(self, state: str, after: str) -> None:
        """The breaker shows a state."""
        seen = self.state()
        assert seen == state, f"after {after} the breaker is {seen}, not {state}"

    def expect_calls(self, times: int, during: Callable[[], None], what: str) -> None:
        """So many calls reach the provider while something is done."""
        before = self.calls
        during()
        seen = self.calls - before
        assert seen == times, f"{what}: {seen} calls reached the provider, not {times}"

    def await_calls(self, times: int) -> None:
        """Wait until so many calls have reached the provider, answered or not."""

        def arrived() -> None:
            assert self.calls >= times, f"{self.calls} calls reached the provider, not {times}"

        Eventually()(arrived, within=5.0)

    def open(self) -> None:
        """Make the provider fail until the breaker opens; one that never does shows nothing else."""
        self.provider("error", status=500)
        self.search(SMALL["minimum_calls"])
        with baseline("never-opened"):
            self.expect("open", f"{SMALL['minimum_calls']} failures")

    def cool_down(self) -> None:
        """Let the cool-down pass."""
        self.control.advance(SMALL["cooldown_seconds"] + 1)

    def configure(self, settings: Mapping[str, object]) -> None:
        """Change the breaker's settings as an operator would, and start from closed and empty."""
        path = f"{BREAKERS}/breakers/{self.identity}"
        tag = expect_status(self.operator.get(path), 200).headers["etag"]
        changed = self.operator.patch(path, json={"settings": dict(settings)}, headers={"If-Match": tag})
        expect_status(changed, 200)
        expect_status(self.operator.post(f"{path}/reset"), 200, 204)


def find_breaker(operator: httpx.Client, brave: StubDoor, unique: str) -> Mapping[str, Any]:
    """Return the breaker that counts a failure of the search provider."""

    def failures() -> dict[str, int]:
        return {each["id"]: each["standing"]["counts"]["failures"] for each in listed(operator)}

    operator.get("/api/search/web", params={"q": f"first {unique}"})
    before = failures()
    brave.mode("error", status=500)
    operator.get("/api/search/web", params={"q": f"failing {unique}"})
    after = failures()
    counting = [identity for identity, count in after.items() if count > before.get(identity, 0)]
    if len(counting) != 1:
        raise Inconclusive(
            "no-breaker", f"{len(counting)} breakers counted a failure of the search provider."
        )
    return next(each for each in listed(operator) if each["id"] == counting[0])


def listed(operator: httpx.Client) -> list[Mapping[str, Any]]:
    """Return all breakers on the first page."""
    items: list[Mapping[str, Any]] = member(
        json_of(operator.get(f"{BREAKERS}/breakers", params={"limit": 100})), "items"
    )
    return items
