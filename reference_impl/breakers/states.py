"""Provider states of breakers."""

import asyncio
from collections.abc import Mapping

from reference_impl.breakers.models import BreakerView
from reference_impl.breakers.service import BreakerService
from reference_impl.kit.access import ROLES, Principal
from reference_impl.kit.composition import StateHandler
from reference_impl.kit.ids import new_id
from reference_impl.kit.paging import MAX_PAGE_SIZE
from reference_impl.kit.problem import NotFound, Unavailable, Unprocessable

_OPERATOR = Principal(subject="control", tenant="", permissions=ROLES["operator"])
_ROUNDS, _ROUND_SECONDS = 100, 0.02
Values = Mapping[str, object]


class BreakerStates:
    """Handlers by the name of the state. Without `name` each call makes a new breaker."""

    def __init__(self, service: BreakerService) -> None:
        self._service = service

    def handlers(self) -> Mapping[str, StateHandler]:
        return {
            "a closed breaker": self.closed_breaker,
            "an open breaker": self.open_breaker,
            "a breaker alert": self.breaker_alert,
        }

    async def closed_breaker(self, params: Values) -> Values:
        view = await self._view(params)
        return _values(await self._service.reset(view.configuration.id))

    async def open_breaker(self, params: Values) -> Values:
        view = await self._view(params)
        return _values(await self._service.trip(view.configuration.id))

    async def breaker_alert(self, params: Values) -> Values:
        """An alert that nobody has seen, as opening a breaker raises it."""
        view = await self._view(params)
        await self._service.trip(view.configuration.id)
        for _ in range(_ROUNDS):
            page = await self._service.alerts(cursor=None, limit=MAX_PAGE_SIZE, acknowledged=False)
            for alert in page.items:
                if alert.breaker == view.configuration.name:
                    return {**_values(view), "alert_id": alert.id}
            await asyncio.sleep(_ROUND_SECONDS)
        raise Unavailable("The alert was not written in time; are the background tasks running?")

    async def _view(self, params: Values) -> BreakerView:
        name = params.get("name")
        if name is None:
            fresh = f"given-{new_id('brk').rpartition('_')[2].lower()}"
            return await self._service.create(_OPERATOR, fresh, {})
        for view in await self._service.status():
            if view.configuration.name == name:
                return view
        if not isinstance(name, str):
            raise Unprocessable("The state's parameter name must be a string.")
        raise NotFound(f"No breaker is named {name}; leave the parameter out for a new one.")


def _values(view: BreakerView) -> Values:
    return {
        "breaker_id": view.configuration.id,
        "breaker_name": view.configuration.name,
        "breaker_state": view.state.value,
    }
