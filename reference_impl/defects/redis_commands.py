"""What defects of the Redis client share: another way to send its commands."""

from collections.abc import Awaitable, Callable
from typing import Any

from reference_impl.kit.policies import Apply, PolicyTable, Probe

_POLICY = "redis.client"
Execute = Callable[..., Awaitable[Any]]


def commands_sent(by: Callable[[Execute, Probe], Execute]) -> Apply:
    """Send every command through what `by` makes of the right way."""

    def apply(policies: PolicyTable, probe: Probe) -> None:
        client = policies[_POLICY]
        client.execute_command = by(client.execute_command, probe)
        policies.replace(_POLICY, client)

    return apply
