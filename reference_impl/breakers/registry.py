"""The breakers of this process. A name may carry a destination: `mail:host` is set as `mail` is."""

import re
from collections.abc import Callable, Mapping, Sequence

from reference_impl.breakers.library.breaker import CircuitBreaker, Listener
from reference_impl.breakers.library.decisions import Decisions
from reference_impl.breakers.library.states import BreakerSettings, State

_MOST = 2000
_WORST_FIRST = (State.OPEN, State.HALF_OPEN, State.CLOSED)


def family_of(key: str) -> str:
    """The name under which a breaker is configured and shown."""
    return re.split("[:@]", key, maxsplit=1)[0]


class BreakerRegistry:
    """Makes a breaker when it is first asked for, and gives the same one ever after."""

    def __init__(self, *, monotonic: Callable[[], float], decisions: Decisions) -> None:
        self._monotonic = monotonic
        self._decisions = decisions
        self._listeners: tuple[Listener, ...] = ()
        self._settings: dict[str, BreakerSettings] = {}
        self._breakers: dict[str, CircuitBreaker] = {}

    def guard(self, name: str, tenant: str = "") -> CircuitBreaker:
        """Return the breaker of this name, and of this tenant when one is given."""
        return self.at(self._decisions.scope.key(name, tenant))

    def at(self, key: str) -> CircuitBreaker:
        breaker = self._breakers.get(key)
        if breaker is None:
            self._make_room()
            breaker = CircuitBreaker(
                key,
                self.settings_of(family_of(key)),
                monotonic=self._monotonic,
                decisions=self._decisions,
                listeners=self._listeners,
            )
            self._breakers[key] = breaker
        return breaker

    def listen(self, listener: Listener) -> None:
        """Let a listener hear every breaker, those that are there and those to come."""
        self._listeners = (*self._listeners, listener)
        for breaker in self._breakers.values():
            breaker.listen(listener)

    def settings_of(self, family: str) -> BreakerSettings:
        return self._settings.setdefault(family, BreakerSettings())

    def declare(self, family: str, settings: BreakerSettings) -> None:
        """Name the settings that hold until somebody configures others."""
        self._settings.setdefault(family, settings)

    def configure(self, settings: Mapping[str, BreakerSettings]) -> None:
        """Take over configured settings; breakers whose settings stay the same keep their windows."""
        self._settings.update(settings)
        for key, breaker in self._breakers.items():
            wanted = self._settings[family_of(key)]
            if breaker.settings != wanted:
                breaker.configure(wanted)

    def families(self) -> Mapping[str, BreakerSettings]:
        return dict(self._settings)

    def of_family(self, family: str) -> Sequence[CircuitBreaker]:
        return tuple(breaker for key, breaker in self._breakers.items() if family_of(key) == family)

    def state_of(self, family: str) -> State:
        """The worst state among the breakers of a name."""
        states = {breaker.state for breaker in self.of_family(family)}
        return next((state for state in _WORST_FIRST if state in states), State.CLOSED)

    def _make_room(self) -> None:
        """Destinations come from outside, so their number is bounded: the oldest closed one goes."""
        if len(self._breakers) < _MOST:
            return
        oldest = next(
            (key for key, breaker in self._breakers.items() if breaker.state is State.CLOSED),
            next(iter(self._breakers)),
        )
        del self._breakers[oldest]
