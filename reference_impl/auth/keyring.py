"""The signing keys: kept in SQL, changed by age, published as a JWK set.

The private part lies in the table as it is; whoever reads the database can sign. Encrypt the volume.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from joserfc.jwk import OKPKey

from reference_impl.auth.models import Action, AuditEntry, Caller, Result, SigningKey
from reference_impl.auth.ports import AuthStore, Revocations
from reference_impl.auth.signature import ALGORITHM
from reference_impl.kit.clock import Clock
from reference_impl.kit.ids import new_id

ROTATE_AFTER = timedelta(days=30)
_RELOAD_SECONDS = 1.0
_CURVE: Literal["Ed25519"] = "Ed25519"


def new_key(now: datetime) -> SigningKey:
    key = OKPKey.generate_key(_CURVE)
    private = {name: str(member) for name, member in key.as_dict(private=True).items()}
    return SigningKey(id=new_id("key"), private=private, created_at=now)


class KeyRing:
    """The keys of this process. Other processes' changes arrive through `sync`."""

    def __init__(
        self, *, store: AuthStore, revocations: Revocations, clock: Clock, token_lifetime: timedelta
    ) -> None:
        self._store = store
        self._revocations = revocations
        self._clock = clock
        self._lifetime = token_lifetime
        self._keys: Mapping[str, SigningKey] = {}
        self._parsed: Mapping[str, OKPKey] = {}
        self._version: int | None = None
        self._loaded_at: float | None = None
        self._lock = asyncio.Lock()
        self.epoch = 0
        """Grows whenever the keys are read anew, so that nothing cached outlives a key."""

    def __getitem__(self, key_id: str) -> OKPKey:
        """Return a key that still verifies; KeyError when there is none."""
        key = self._keys[key_id]
        if key.retired_at is not None and self._clock.now() >= key.retired_at + self._lifetime:
            raise KeyError(key_id)
        return self._parsed[key_id]

    async def signing_key(self) -> tuple[str, OKPKey]:
        """Return the key to sign with; an old one is replaced first."""
        if not self._keys:
            await self.load()
        newest = self._newest()
        if newest is None or self._clock.now() - newest.created_at >= ROTATE_AFTER:
            newest = await self.rotate(unless_newer_than=self._clock.now() - ROTATE_AFTER)
        return newest.id, self._parsed[newest.id]

    async def rotate(self, *, unless_newer_than: datetime | None = None) -> SigningKey:
        """Sign with a new key from now on; tokens of the old one verify until they expire."""
        now = self._clock.now()
        async with self._lock, self._store.transaction() as tx:
            current = [key for key in await tx.keys() if key.retired_at is None]
            fresh = [key for key in current if unless_newer_than and key.created_at > unless_newer_than]
            if not fresh:
                key = new_key(now)
                for old in current:
                    await tx.retire_key(old.id, now)
                await tx.forget_keys_retired_before(now - 2 * self._lifetime)
                await tx.add_key(key)
                await tx.audit(
                    AuditEntry(
                        action=Action.KEY_ROTATED,
                        result=Result.SUCCESS,
                        actor="system",
                        subject=key.id,
                        caller=Caller(),
                    ),
                    now,
                )
            self._adopt(await tx.keys())
        await self._revocations.keys_changed()
        newest = self._newest()
        assert newest is not None
        return newest

    async def load(self) -> None:
        self._adopt(await self._store.keys())

    async def sync(self, version: int | None) -> None:
        """Read the keys again when another process changed them."""
        if version is not None and version != self._version:
            await self.load()
            self._version = version

    async def knows(self, key_id: object) -> bool:
        """Look once a second at most whether an unknown key is simply new."""
        if not isinstance(key_id, str) or key_id in self._keys:
            return True
        now = self._clock.monotonic()
        if self._loaded_at is not None and now - self._loaded_at < _RELOAD_SECONDS:
            return False
        await self.load()
        return key_id in self._keys

    def published(self) -> Sequence[Mapping[str, str]]:
        """The public halves of every key that still verifies."""
        now = self._clock.now()
        return tuple(
            {
                "kty": "OKP",
                "crv": _CURVE,
                "x": key.private["x"],
                "kid": key.id,
                "use": "sig",
                "alg": ALGORITHM,
            }
            for key in self._keys.values()
            if key.retired_at is None or now < key.retired_at + self._lifetime
        )

    def _newest(self) -> SigningKey | None:
        active = [key for key in self._keys.values() if key.retired_at is None]
        return max(active, key=lambda key: (key.created_at, key.id), default=None)

    def _adopt(self, keys: Sequence[SigningKey]) -> None:
        self._keys = {key.id: key for key in keys}
        self._parsed = {key.id: OKPKey.import_key(dict(key.private)) for key in keys}
        self._loaded_at = self._clock.monotonic()
        self.epoch += 1
