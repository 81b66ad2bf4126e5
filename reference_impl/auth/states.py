"""Provider states of auth; everything they make comes through the service."""

from collections.abc import Mapping

from reference_impl.auth.keyring import KeyRing
from reference_impl.auth.models import DEFAULT_TENANT, Caller
from reference_impl.auth.policies import ACCESS_TOKEN_TYPE
from reference_impl.auth.ports import Hashing
from reference_impl.auth.roles import ROLE_TABLE
from reference_impl.auth.service import AuthService
from reference_impl.auth.signature import InvalidSignature, read_claims, sign
from reference_impl.kit.access import DEFAULT_ROLE
from reference_impl.kit.composition import StateHandler
from reference_impl.kit.ids import new_id, new_secret
from reference_impl.kit.problem import Conflict, Unprocessable

_CALLER = Caller(address="control")
Values = Mapping[str, object]


class RememberedHashing:
    """Hashes each password once: states make hundreds of people, and slowness protects none of them."""

    def __init__(self, hashing: Hashing) -> None:
        self._hashing = hashing
        self._hashes: dict[str, str] = {}

    @property
    def nobody(self) -> str:
        return self._hashing.nobody

    async def hash(self, password: str) -> str:
        if password not in self._hashes:
            self._hashes[password] = await self._hashing.hash(password)
        return self._hashes[password]

    async def matches(self, password_hash: str, password: str) -> bool:
        if self._hashes.get(password) == password_hash:
            return True
        return await self._hashing.matches(password_hash, password)


class AuthStates:
    """Handlers by the name of the state. Each call makes somebody new unless `email` says who.

    Those whose `password` is not named share one, made at start.
    """

    def __init__(self, *, service: AuthService, keys: KeyRing) -> None:
        self._service = service
        self._keys = keys
        self._password = new_secret(24)

    def handlers(self) -> Mapping[str, StateHandler]:
        return {
            "a registered user": self.registered_user,
            "a signed-in user": self.signed_in_user,
            "a used refresh token": self.used_refresh_token,
            "a rotated signing key": self.rotated_signing_key,
            "a token that the issuer signed": self.signed_token,
        }

    async def registered_user(self, params: Values) -> Values:
        """Parameters: email, password, role, tenant; all optional."""
        email = _text(params, "email", f"{new_id('user').lower()}@example.org")
        password = _text(params, "password", self._password)
        role = _text(params, "role", DEFAULT_ROLE)
        if role not in ROLE_TABLE:
            raise Unprocessable(f"There is no role {role!r}; known: {', '.join(ROLE_TABLE)}.")
        tenant = _text(params, "tenant", DEFAULT_TENANT)
        user = await self._service.register(email, password, _CALLER, tenant=tenant, roles=frozenset({role}))
        if user is None:
            raise Conflict("The address has an account already; name another or none.")
        return {
            "user_id": user.id,
            "email": user.email,
            "password": password,
            "tenant": tenant,
            "role": role,
        }

    async def signed_in_user(self, params: Values) -> Values:
        """As a registered user, with tokens."""
        registered = await self.registered_user(params)
        pair = await self._service.login(str(registered["email"]), str(registered["password"]), _CALLER)
        return {**registered, "token": pair.access_token, "refresh_token": pair.refresh_token}

    async def used_refresh_token(self, params: Values) -> Values:
        """A session whose first refresh token was exchanged for a second one."""
        signed_in = await self.signed_in_user(params)
        used = str(signed_in["refresh_token"])
        pair = await self._service.refresh(used, _CALLER)
        return {
            **signed_in,
            "token": pair.access_token,
            "refresh_token": pair.refresh_token,
            "used_refresh_token": used,
        }

    async def rotated_signing_key(self, _: Values) -> Values:
        """A new key signs; tokens of the old one still verify."""
        return {"key_id": (await self._keys.rotate()).id}

    async def signed_token(self, params: Values) -> Values:
        """A token of the issuer's own key, to see what a verifier makes of claims that no client can sign.

        Parameters: token, whose claims it takes over; claims, put in their place (null takes one away);
        type, the header's `typ`.
        """
        changed = params.get("claims", {})
        if not isinstance(changed, Mapping):
            raise Unprocessable("The state's parameter claims must be an object.")
        try:
            claims = {**read_claims(_text(params, "token", "")), **changed}
        except (InvalidSignature, IndexError) as error:
            raise Unprocessable("The state's parameter token must be a token in compact form.") from error
        key_id, key = await self._keys.signing_key()
        given = {name: value for name, value in claims.items() if value is not None}
        token_type = _text(params, "type", ACCESS_TOKEN_TYPE)
        return {"token": sign(given, token_type=token_type, key=key, key_id=key_id)}


def _text(params: Values, name: str, default: str) -> str:
    value = params.get(name, default)
    if not isinstance(value, str) or not value:
        raise Unprocessable(f"The state's parameter {name} must be a non-empty string.")
    return value
