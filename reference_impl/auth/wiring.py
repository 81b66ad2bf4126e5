"""Puts auth together: its policies by name, its stores, keys, service and routes."""

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from reference_impl.auth import api, policies
from reference_impl.auth.administration import Administration
from reference_impl.auth.errors import AuthUnavailable
from reference_impl.auth.keyring import KeyRing
from reference_impl.auth.models import Caller
from reference_impl.auth.passwords import Argon2Pool
from reference_impl.auth.revocation import RedisRevocations
from reference_impl.auth.service import AuthService
from reference_impl.auth.states import AuthStates, RememberedHashing
from reference_impl.auth.store import SqlAuthStore
from reference_impl.auth.throttle import RedisThrottle
from reference_impl.auth.tokens import TokenIssuer, TokenVerifier
from reference_impl.kit.asgi import Scope
from reference_impl.kit.composition import Assembled, Kit

_ADMIN_ROLE = "admin"
_FORGET_SECONDS = 3600.0
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """What the application takes from auth: the service, and who tells identities."""

    assembled: Assembled
    authenticator: TokenVerifier


def assemble(kit: Kit) -> Auth:
    """Auth with its routes, its provider states, and the authenticator that every service needs."""
    policies.register(kit.policies)
    settings = kit.settings
    lifetime: policies.AccessLifetime = kit.policies["auth.access_lifetime"]
    access_seconds = lifetime(settings.access_token_seconds)
    token_lifetime = timedelta(seconds=access_seconds + policies.LEEWAY_SECONDS)
    issuer, audience = settings.origin, f"{settings.origin}/api"
    decided = policies.auth_policies(kit.policies)
    store = SqlAuthStore(kit.database, link=decided.audit_link)
    revocations = RedisRevocations(
        redis=kit.redis, store=store, clock=kit.clock, token_lifetime=token_lifetime
    )
    keys = KeyRing(store=store, revocations=revocations, clock=kit.clock, token_lifetime=token_lifetime)
    verifier = TokenVerifier(
        keys=keys,
        revocations=revocations,
        policies=policies.token_policies(kit.policies),
        clock=kit.clock,
        issuer=issuer,
        audience=audience,
    )
    hashing = Argon2Pool(read=kit.policies["auth.password_bytes"])
    logins = kit.metrics.counter("auth_logins_total", "Logins by what became of them.", ("outcome",))
    service_with = partial(
        AuthService,
        store=store,
        throttle=RedisThrottle(
            redis=kit.redis, clock=kit.clock, limits=decided.login_limits.scaled(settings.rate_scale)
        ),
        revocations=revocations,
        issuer=TokenIssuer(
            keys=keys,
            clock=kit.clock,
            issuer=issuer,
            audience=audience,
            lifetime_seconds=access_seconds,
        ),
        policies=decided,
        clock=kit.clock,
        logins=lambda outcome: logins.labels(outcome).inc(),
    )
    service = service_with(hashing=hashing)
    administration = Administration(store=store, revocations=revocations, policies=decided, clock=kit.clock)

    async def prepare() -> None:
        """Have a key to sign with and the first administrator, with or without Redis."""
        with contextlib.suppress(AuthUnavailable):
            await keys.signing_key()
        email, password = settings.admin_email.casefold(), settings.admin_password.get_secret_value()
        if email and password and await store.user_by_email(email) is None:
            await service.register(
                email,
                password,
                Caller(address="start"),
                roles=frozenset({_ADMIN_ROLE}),
            )

    async def forget() -> None:
        while True:
            await kit.clock.sleep(_FORGET_SECONDS)
            await store.forget_sessions_expired_before(kit.clock.now() - _KEPT)

    async def close() -> None:
        hashing.close()

    assembled = Assembled(
        name="auth",
        service=service,
        routers=(api.build(service, administration, verifier, keys, _address_of(kit)),),
        startup=(prepare,),
        background=(forget,),
        shutdown=(close,),
        states=AuthStates(service=service_with(hashing=RememberedHashing(hashing)), keys=keys).handlers(),
    )
    return Auth(assembled=assembled, authenticator=verifier)


def _address_of(kit: Kit) -> api.AddressOf:
    """The address that limits count for is the gateway's decision; without a gateway it is the peer's."""
    if "gateway.client_address" not in kit.policies:
        return _peer
    decide = kit.policies["gateway.client_address"]
    trusted = kit.settings.trusted_proxies

    def address_of(scope: Scope) -> str:
        return str(decide(scope, trusted))

    return address_of


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"
