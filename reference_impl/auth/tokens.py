"""Access tokens: issued, verified, and remembered until they expire or are taken back."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from joserfc.jwk import OKPKey

from reference_impl.auth.errors import InvalidAccessToken
from reference_impl.auth.keyring import KeyRing
from reference_impl.auth.models import AccessClaims, User
from reference_impl.auth.policies import ACCESS_TOKEN_TYPE, TokenPolicies
from reference_impl.auth.ports import Revocations
from reference_impl.auth.roles import permissions_of
from reference_impl.auth.signature import InvalidSignature, read_header, sign
from reference_impl.kit.access import Kind, Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.ids import new_id

Signer = Callable[[User, str], str]
"""Makes the access token of a user for one of its sessions."""
_CACHE_SIZE = 4096
_CLIENT = "core"


class TokenIssuer:
    """Signs access tokens (RFC 9068)."""

    def __init__(
        self, *, keys: KeyRing, clock: Clock, issuer: str, audience: str, lifetime_seconds: int
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self.lifetime_seconds = lifetime_seconds

    async def signer(self) -> Signer:
        """Return what signs now; it needs no store any more, so it may be used inside a transaction."""
        key_id, key = await self._keys.signing_key()
        return lambda user, family: self._issue(user, family, key_id, key)

    def _issue(self, user: User, family: str, key_id: str, key: OKPKey) -> str:
        now = int(self._clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": user.id,
            "jti": new_id("tok"),
            "iat": now,
            "exp": now + self.lifetime_seconds,
            "client_id": _CLIENT,
            "sid": family,
            "gen": user.generation,
            "tenant": user.tenant,
            "roles": sorted(user.roles),
        }
        return sign(claims, token_type=ACCESS_TOKEN_TYPE, key=key, key_id=key_id)


class TokenVerifier:
    """Turns a bearer token into a principal. Implements the kit's Authenticator.

    Signature and claims are checked once and remembered; time and revocation are checked every time.
    When Redis cannot be asked, SQL says what is revoked: an outage lets nothing through, locks nobody out.
    """

    def __init__(
        self,
        *,
        keys: KeyRing,
        revocations: Revocations,
        policies: TokenPolicies,
        clock: Clock,
        issuer: str,
        audience: str,
    ) -> None:
        self._keys = keys
        self._revocations = revocations
        self._policies = policies
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[str, AccessClaims] = OrderedDict()
        self._epoch = -1

    async def authenticate(self, bearer: str) -> Principal:
        return principal_of(await self.claims(bearer))

    async def claims(self, bearer: str) -> AccessClaims:
        """Return the claims of a token that is valid now; InvalidAccessToken for everything else."""
        claims = self._remembered(bearer) or await self._verify(bearer)
        if not self._policies.times.accepts(claims, self._clock.now()):
            self._verified.pop(bearer, None)
            raise InvalidAccessToken
        state = await self._revocations.state(claims.token_id, claims.family, claims.subject)
        await self._keys.sync(state.keys_version)
        if self._keys.epoch != self._epoch:
            claims = await self._verify(bearer)
        if self._policies.revocation.is_revoked(claims, state):
            raise InvalidAccessToken
        return claims

    def _remembered(self, bearer: str) -> AccessClaims | None:
        claims = self._verified.get(bearer)
        if claims is not None:
            self._verified.move_to_end(bearer)
        return claims

    async def _verify(self, bearer: str) -> AccessClaims:
        try:
            await self._keys.knows(read_header(bearer).get("kid"))
            if self._keys.epoch != self._epoch:
                self._verified.clear()
                self._epoch = self._keys.epoch
            part = self._policies.algorithms.signed_part(bearer, self._keys)
            claims = parse(part.claims)
        except (InvalidSignature, InvalidClaims) as error:
            raise InvalidAccessToken from error
        if not (
            self._policies.token_type.accepts(part)
            and self._policies.issuer.accepts(claims.issuer, self._issuer)
            and self._policies.audience.accepts(claims.audience, self._audience)
        ):
            raise InvalidAccessToken
        self._verified[bearer] = claims
        if len(self._verified) > _CACHE_SIZE:
            self._verified.popitem(last=False)
        return claims


class InvalidClaims(Exception):
    """A claim is missing or of the wrong kind."""

    def __init__(self, name: str) -> None:
        super().__init__(f"claim {name!r} is missing or of the wrong kind")
        self.name = name


def parse(claims: Mapping[str, object]) -> AccessClaims:
    """Read claims into their type; nothing optional is guessed."""
    not_before = claims.get("nbf")
    return AccessClaims(
        issuer=_text(claims, "iss"),
        audience=_audience(claims.get("aud")),
        subject=_text(claims, "sub"),
        tenant=_text(claims, "tenant"),
        roles=_texts(claims, "roles"),
        token_id=_text(claims, "jti"),
        family=_text(claims, "sid"),
        generation=int(_number(claims, "gen")),
        issued_at=_number(claims, "iat"),
        expires_at=_number(claims, "exp"),
        not_before=None if not_before is None else _number(claims, "nbf"),
    )


def principal_of(claims: AccessClaims) -> Principal:
    return Principal(
        subject=claims.subject,
        tenant=claims.tenant,
        roles=claims.roles,
        permissions=permissions_of(claims.roles),
        kind=Kind.USER,
        token_id=claims.token_id,
        expires_at=datetime.fromtimestamp(claims.expires_at, UTC),
    )


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidClaims(name)
    return value


def _texts(claims: Mapping[str, object], name: str) -> frozenset[str]:
    value = claims.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidClaims(name)
    return frozenset(value)


def _number(claims: Mapping[str, object], name: str) -> float:
    """A number that a date can hold; NaN and 1e308 are none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**33:
        raise InvalidClaims(name)
    return value


def _audience(value: object) -> tuple[str, ...]:
    """One audience or several; a missing one is an empty tuple, which the policy judges."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return ()
