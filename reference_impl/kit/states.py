"""Provider states act for somebody: who that is, read from a state's parameters."""

from collections.abc import Mapping

from reference_impl.kit.access import DEFAULT_ROLE, ROLES, Authenticator, Principal
from reference_impl.kit.problem import Unprocessable


async def principal_of(params: Mapping[str, object], authenticator: Authenticator) -> Principal:
    """The owner of `token`; without a token the user named by `user_id` (and `tenant`)."""
    match params:
        case {"token": str(token)}:
            return await authenticator.authenticate(token)
        case {"user_id": str(subject)}:
            tenant = params.get("tenant", "")
            return Principal(
                subject=subject,
                tenant=tenant if isinstance(tenant, str) else "",
                roles=frozenset({DEFAULT_ROLE}),
                permissions=ROLES[DEFAULT_ROLE],
            )
        case _:
            raise Unprocessable("This state needs the parameter token or user_id: who owns what it makes.")
