"""Configurations, alerts and monitoring in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from reference_impl.breakers.library.states import BreakerSettings, WindowKind
from reference_impl.breakers.models import Alert, Configuration, Monitoring, Severity
from reference_impl.breakers.tables import alerts, breakers, monitoring
from reference_impl.kit.database import Database


class SqlBreakerStore:
    """The store on the kit's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, configuration: Configuration) -> bool:
        """Say whether the name was free."""
        row = {**_row(configuration), "id": configuration.id}
        statement = self._database.insert(breakers).values(row).on_conflict_do_nothing()
        async with self._database.begin() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def save(self, configuration: Configuration) -> bool:
        """Say whether the configuration was still the version before this one."""
        statement = (
            sa.update(breakers)
            .where(breakers.c.id == configuration.id, breakers.c.version == configuration.version - 1)
            .values(_row(configuration))
        )
        async with self._database.begin() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def get(self, id_or_name: str) -> Configuration | None:
        """Names hold no underscore, so no name is another breaker's id."""
        which = sa.or_(breakers.c.id == id_or_name, breakers.c.name == id_or_name)
        rows = await self._rows(sa.select(breakers).where(which))
        return _configuration(rows[0]) if rows else None

    async def page(self, *, after: str | None, limit: int) -> Sequence[Configuration]:
        statement = sa.select(breakers).order_by(breakers.c.id).limit(limit)
        if after is not None:
            statement = statement.where(breakers.c.id > after)
        return tuple(_configuration(row) for row in await self._rows(statement))

    async def all(self) -> Sequence[Configuration]:
        rows = await self._rows(sa.select(breakers).order_by(breakers.c.name))
        return tuple(_configuration(row) for row in rows)

    async def raise_alert(self, alert: Alert, *, once: bool) -> bool:
        """Write an alert; with `once` only when none of its kind waits to be acknowledged."""
        waiting = sa.select(alerts.c.id).where(
            alerts.c.breaker == alert.breaker,
            alerts.c.reason == alert.reason,
            alerts.c.acknowledged_at.is_(None),
        )
        async with self._database.begin() as connection:
            if once and (await connection.execute(waiting)).first() is not None:
                return False
            await connection.execute(
                sa.insert(alerts).values({**asdict(alert), "severity": alert.severity.value})
            )
        return True

    async def alerts(self, *, before: str | None, limit: int, acknowledged: bool | None) -> Sequence[Alert]:
        """The newest first."""
        statement = sa.select(alerts).order_by(alerts.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(alerts.c.id < before)
        if acknowledged is not None:
            waits = alerts.c.acknowledged_at.is_(None)
            statement = statement.where(~waits if acknowledged else waits)
        return tuple(_alert(row) for row in await self._rows(statement))

    async def acknowledge(self, identity: str, by: str, at: datetime) -> Alert | None:
        """Note who saw it first; who comes later changes nothing."""
        which = alerts.c.id == identity
        async with self._database.begin() as connection:
            await connection.execute(
                sa.update(alerts)
                .where(which, alerts.c.acknowledged_at.is_(None))
                .values(acknowledged_at=at, acknowledged_by=by)
            )
            row = (await connection.execute(sa.select(alerts).where(which))).first()
        return None if row is None else _alert(row)

    async def monitoring(self) -> Monitoring:
        rows = await self._rows(sa.select(monitoring))
        return _monitoring(rows[0])

    async def set_monitoring(
        self, *, active: bool, interval_seconds: int | None, by: str, at: datetime
    ) -> Monitoring:
        values: dict[str, object] = {"active": active, "changed_at": at, "changed_by": by}
        if interval_seconds is not None:
            values["interval_seconds"] = interval_seconds
        async with self._database.begin() as connection:
            await connection.execute(sa.update(monitoring).values(values))
            row = (await connection.execute(sa.select(monitoring))).one()
        return _monitoring(row)

    async def claim_check(self, seen: Monitoring, at: datetime) -> bool:
        """Of all processes that want to do this check, one gets it."""
        statement = (
            sa.update(monitoring)
            .where(monitoring.c.active.is_(True), monitoring.c.checks == seen.checks)
            .values(checks=seen.checks + 1, last_check_at=at)
        )
        async with self._database.begin() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def _rows(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        async with self._database.connect() as connection:
            rows: Sequence[sa.Row[Any]] = (await connection.execute(statement)).all()
            return rows


def _row(configuration: Configuration) -> dict[str, object]:
    return {
        "name": configuration.name,
        "settings": asdict(configuration.settings),
        "version": configuration.version,
        "created_by": configuration.created_by,
        "tenant": configuration.tenant,
        "created_at": configuration.created_at,
        "updated_at": configuration.updated_at,
    }


def _configuration(row: sa.Row[Any]) -> Configuration:
    return Configuration(
        id=row.id,
        name=row.name,
        settings=_settings(row.settings),
        version=row.version,
        created_by=row.created_by,
        tenant=row.tenant,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _settings(members: Mapping[str, Any]) -> BreakerSettings:
    return BreakerSettings(**{**members, "window": WindowKind(members["window"])})


def _alert(row: sa.Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        breaker=row.breaker,
        severity=Severity(row.severity),
        reason=row.reason,
        message=row.message,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
    )


def _monitoring(row: sa.Row[Any]) -> Monitoring:
    return Monitoring(
        active=row.active,
        interval_seconds=row.interval_seconds,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        checks=row.checks,
        last_check_at=row.last_check_at,
    )
