"""Provider states of the hub; what they make is made by the service, the job table and a worker."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from reference_impl.hub.models import Draft, Message, Priority, Reach, State
from reference_impl.hub.ports import MessageStore, Secrets
from reference_impl.hub.service import HubService, new_message
from reference_impl.hub.signing import format_secret
from reference_impl.hub.worker import Worker
from reference_impl.kit.access import Authenticator, Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.problem import Unavailable
from reference_impl.kit.states import principal_of

Values = Mapping[str, object]
_LATER_SECONDS = 3600.0
_ROUNDS = 100
_PUBLIC = "https://receiver.example.com/hooks"
_REFUSED = "https://127.0.0.1/never"  # the address guard refuses it without any network


@dataclass(frozen=True, slots=True, kw_only=True)
class HubStates:
    """Handlers by the name of the state."""

    service: HubService
    store: MessageStore
    worker: Worker
    secrets: Secrets
    authenticator: Authenticator
    clock: Clock

    def handlers(self) -> Mapping[str, Callable[[Values], Awaitable[Values]]]:
        return {
            "a queued message": self.queued_message,
            "a dead letter": self.dead_letter,
            "a webhook secret": self.webhook_secret,
        }

    async def queued_message(self, params: Values) -> Values:
        """A message that waits for an hour, so that no worker takes it meanwhile."""
        owner = await principal_of(params, self.authenticator)
        later = self.clock.now().timestamp() + _LATER_SECONDS
        view = (await self.service.enqueue(owner, [_draft(_PUBLIC, send_at=later)]))[0]
        return {"message_id": view.message.id}

    async def dead_letter(self, params: Values) -> Values:
        """A message that a worker really tried and buried, because its address is refused."""
        owner = await principal_of(params, self.authenticator)
        now = self.clock.now().timestamp()
        message = new_message(_draft(_REFUSED, send_at=None), owner, now=now)
        await self.store.enqueue([message])
        await self._until_dead(message, owner)
        return {"message_id": message.id}

    async def webhook_secret(self, _: Values) -> Values:
        return {"secrets": [format_secret(secret) for secret in await self.secrets()]}

    async def _until_dead(self, message: Message, owner: Principal) -> None:
        await self.worker.deliver_now(message.id)
        reach = Reach(tenant=owner.tenant, owner=owner.subject)
        for _ in range(_ROUNDS):
            found = await self.store.get(message.id, reach)
            if found is not None and found.state is State.DEAD:
                return
            await self.clock.sleep(0.02)  # another worker holds it
        raise Unavailable("The message did not become a dead letter in time.")


def _draft(recipient: str, *, send_at: float | None) -> Draft:
    return Draft(
        channel="webhook",
        recipient=recipient,
        priority=Priority.NORMAL,
        subject="State",
        text="Made for a provider state.",
        data=None,
        send_at=send_at,
        max_attempts=1,
    )
