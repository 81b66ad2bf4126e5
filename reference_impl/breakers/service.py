"""Shows and steers the breakers: status, health, configurations, alerts, monitoring."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace

from reference_impl.breakers.errors import BreakerExists, NoSuchAlert, NoSuchBreaker, SettingsRefused
from reference_impl.breakers.health import assess, opened_from_closed
from reference_impl.breakers.library.states import (
    BreakerSettings,
    Counts,
    InvalidSettings,
    Reason,
    State,
    StateChanged,
    WindowKind,
)
from reference_impl.breakers.models import (
    Alert,
    Assessment,
    BreakerView,
    Configuration,
    Monitoring,
    Severity,
)
from reference_impl.breakers.ports import BreakerStore
from reference_impl.breakers.registry import BreakerRegistry, family_of
from reference_impl.kit.access import Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.conditional import check_if_match, strong_etag
from reference_impl.kit.ids import new_id
from reference_impl.kit.paging import Page, decode_cursor, encode_cursor
from reference_impl.kit.problem import BadRequest, PreconditionFailed

_SYSTEM = "system"


def etag_of(configuration: Configuration) -> str:
    return strong_etag(configuration.id, configuration.version)


class BreakerService:
    """Everything the API offers. The counts are those of this process; the states are shared."""

    def __init__(
        self,
        *,
        store: BreakerStore,
        registry: BreakerRegistry,
        clock: Clock,
        announce: Callable[[], Awaitable[None]],
        assess: Callable[[Sequence[BreakerView]], Assessment] = assess,
        is_news: Callable[[StateChanged], bool] = opened_from_closed,
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._announce = announce
        self._assess = assess
        self._is_news = is_news

    async def load(self) -> Sequence[Configuration]:
        """Write down what this process declares, and take over what is configured."""
        known = await self._store.all()
        names = {each.name for each in known}
        fresh = [name for name in self._registry.families() if name not in names]
        for name in fresh:
            await self._store.add(self._new(name, self._registry.settings_of(name), _SYSTEM, ""))
        if fresh:
            known = await self._store.all()
        self._registry.configure({each.name: each.settings for each in known})
        return known

    async def status(self) -> Sequence[BreakerView]:
        """Every breaker by name."""
        return tuple(self._view(each) for each in await self.load())

    async def health(self) -> Assessment:
        return self._assess(await self.status())

    async def page(self, *, cursor: str | None, limit: int) -> Page[BreakerView]:
        """The configured breakers in the order of their creation."""
        await self.load()
        found = await self._store.page(after=_place(cursor), limit=limit + 1)
        shown = tuple(self._view(each) for each in found[:limit])
        more = len(found) > limit
        return Page(items=shown, next_cursor=encode_cursor(found[limit - 1].id) if more else None)

    async def get(self, identity: str) -> BreakerView:
        return self._view(await self._configuration(identity))

    async def create(self, principal: Principal, name: str, settings: Mapping[str, object]) -> BreakerView:
        """Configure a breaker before or after something calls through it."""
        made = self._new(name, _merged(BreakerSettings(), settings), principal.subject, principal.tenant)
        if not await self._store.add(made):
            raise BreakerExists(name)
        await self._take_effect(made)
        return self._view(made)

    async def change(
        self, identity: str, settings: Mapping[str, object], *, if_match: str | None
    ) -> BreakerView:
        """Change some settings; the state stays, the windows start afresh."""
        current = await self._configuration(identity)
        check_if_match(if_match, etag_of(current))
        changed = replace(
            current,
            settings=_merged(current.settings, settings),
            version=current.version + 1,
            updated_at=self._clock.now(),
        )
        if not await self._store.save(changed):
            raise PreconditionFailed("Somebody else changed the breaker at the same time. Read it again.")
        await self._take_effect(changed)
        return self._view(changed)

    async def reset(self, identity: str) -> BreakerView:
        """Close every breaker of this name, in every process."""
        configuration = await self._configuration(identity)
        for breaker in self._registry.of_family(configuration.name) or (
            self._registry.at(configuration.name),
        ):
            breaker.reset()
        return self._view(configuration)

    async def trip(self, identity: str) -> BreakerView:
        """Open every breaker of this name, in every process, for its cooldown."""
        configuration = await self._configuration(identity)
        self._registry.at(configuration.name)
        for breaker in self._registry.of_family(configuration.name):
            breaker.trip()
        return self._view(configuration)

    async def reset_all(self) -> int:
        """Close all breakers; return how many were not closed."""
        await self.load()
        standing = [
            breaker
            for name in self._registry.families()
            for breaker in self._registry.of_family(name)
            if breaker.state is not State.CLOSED
        ]
        for breaker in standing:
            breaker.reset()
        return len(standing)

    async def alerts(self, *, cursor: str | None, limit: int, acknowledged: bool | None) -> Page[Alert]:
        """The newest first."""
        found = await self._store.alerts(before=_place(cursor), limit=limit + 1, acknowledged=acknowledged)
        more = len(found) > limit
        return Page(items=found[:limit], next_cursor=encode_cursor(found[limit - 1].id) if more else None)

    async def acknowledge(self, principal: Principal, identity: str) -> Alert:
        alert = await self._store.acknowledge(identity, principal.subject, self._clock.now())
        if alert is None:
            raise NoSuchAlert
        return alert

    async def monitoring(self) -> Monitoring:
        return await self._store.monitoring()

    async def start_monitoring(self, principal: Principal, interval_seconds: int) -> Monitoring:
        return await self._store.set_monitoring(
            active=True, interval_seconds=interval_seconds, by=principal.subject, at=self._clock.now()
        )

    async def stop_monitoring(self, principal: Principal) -> Monitoring:
        return await self._store.set_monitoring(
            active=False, interval_seconds=None, by=principal.subject, at=self._clock.now()
        )

    async def note(self, change: StateChanged) -> None:
        """Raise an alert for a change that is news."""
        if not self._is_news(change):
            return
        tripped = change.reason is Reason.TRIPPED
        counts = change.counts
        await self._store.raise_alert(
            self._alert(
                family_of(change.breaker),
                Severity.WARNING if tripped else Severity.CRITICAL,
                change.reason.value,
                "Somebody opened it by hand."
                if tripped
                else f"{counts.failures} of {counts.calls} calls failed, {counts.slow} were slow.",
            ),
            once=False,
        )

    async def check(self) -> bool:
        """Do a monitoring check when it is due and no other process has; say whether it was done."""
        seen = await self._store.monitoring()
        now = self._clock.now()
        last = seen.last_check_at
        is_due = last is None or (now - last).total_seconds() >= seen.interval_seconds
        if not seen.active or not is_due or not await self._store.claim_check(seen, now):
            return False
        for advice in (await self.health()).recommendations:
            alert = self._alert(advice.breaker, advice.severity, advice.reason, advice.advice)
            await self._store.raise_alert(alert, once=True)
        return True

    async def _configuration(self, identity: str) -> Configuration:
        found = await self._store.get(identity)
        if found is None:
            raise NoSuchBreaker
        return found

    async def _take_effect(self, configuration: Configuration) -> None:
        self._registry.configure({configuration.name: configuration.settings})
        await self._announce()

    def _view(self, configuration: Configuration) -> BreakerView:
        snapshots = [each.snapshot() for each in self._registry.of_family(configuration.name)]
        return BreakerView(
            configuration=configuration,
            state=self._registry.state_of(configuration.name),
            counts=Counts(*map(sum, zip((0, 0, 0), *(each.counts for each in snapshots), strict=True))),
            refused=sum(snapshot.refused for snapshot in snapshots),
            retry_after=max((snapshot.retry_after for snapshot in snapshots), default=0.0),
            instances=len(snapshots),
        )

    def _new(self, name: str, settings: BreakerSettings, by: str, tenant: str) -> Configuration:
        now = self._clock.now()
        return Configuration(
            id=new_id("brk"),
            name=name,
            settings=settings,
            version=1,
            created_by=by,
            tenant=tenant,
            created_at=now,
            updated_at=now,
        )

    def _alert(self, breaker: str, severity: Severity, reason: str, message: str) -> Alert:
        return Alert(
            id=new_id("alt"),
            breaker=breaker,
            severity=severity,
            reason=reason,
            message=message,
            raised_at=self._clock.now(),
        )


def _merged(current: BreakerSettings, changes: Mapping[str, object]) -> BreakerSettings:
    members = asdict(current) | dict(changes)
    members["window"] = WindowKind(str(members["window"]))
    try:
        return BreakerSettings(**members)
    except InvalidSettings as error:
        raise SettingsRefused(error) from error


def _place(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case (str(text),):
            return text
    raise BadRequest("The cursor belongs to another list. Start again without one.")
