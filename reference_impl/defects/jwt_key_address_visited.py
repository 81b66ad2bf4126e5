"""The address of a key that a token names is visited."""

from threading import Thread
from urllib.request import urlopen

from reference_impl.auth.signature import PublicKeys, SignedPart, TokenAlgorithms, read_header
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_PLACES = ("jku", "x5u")
_SECONDS = 2.0


def _visit(address: str) -> None:
    try:
        urlopen(address, timeout=_SECONDS).close()  # noqa: S310 - the defect: the token chooses the address
    except OSError:
        return


class _Curious:
    """Looks at the place where a token says its key is kept, and takes no key from there."""

    def __init__(self, right: TokenAlgorithms, probe: Probe, *, visits: bool) -> None:
        self._right = right
        self._probe = probe
        self._visits = visits

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        header = read_header(token)
        for address in (str(header[name]) for name in _PLACES if name in header):
            self._probe.reached()
            if self._visits:
                self._probe.triggered()
                Thread(target=_visit, args=(address,), daemon=True).start()
        return self._right.signed_part(token, keys)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: TokenAlgorithms = policies["auth.token_algorithms"]
    policies.replace("auth.token_algorithms", _Curious(right, probe, visits=True))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The address is taken note of."""
    right: TokenAlgorithms = policies["auth.token_algorithms"]
    policies.replace("auth.token_algorithms", _Curious(right, probe, visits=False))


DEFECT = Defect(
    id="jwt-key-address-visited",
    family="jwt",
    title="The address of a key that a token names is visited.",
    breaks=("security.jwt-keys-chosen-by-target",),
    apply=_apply,
    twin=_twin,
)
