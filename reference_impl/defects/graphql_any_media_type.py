"""A GraphQL request is run whatever media type its body is said to have."""

from collections.abc import Callable

from reference_impl.chapters.over_http import GraphQLRequest
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_Read = Callable[[str | None, bytes], GraphQLRequest]
_JSON = "application/json"


class _Untyped:
    """Reads every body as JSON; a simple form of another site may send it."""

    def __init__(self, right: _Read, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, content_type: str | None, body: bytes) -> GraphQLRequest:
        self._probe.reached()
        asked = self._right(_JSON, body)
        if not (content_type or "").lower().startswith(_JSON):
            self._probe.triggered()
        return asked


class _InSmallLetters:
    """The twin: the name of a media type may be in any case."""

    def __init__(self, right: _Read, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, content_type: str | None, body: bytes) -> GraphQLRequest:
        self._probe.reached()
        return self._right(None if content_type is None else content_type.lower(), body)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.read_body", _Untyped(policies["chapters.read_body"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.read_body", _InSmallLetters(policies["chapters.read_body"], probe))


DEFECT = Defect(
    id="graphql-any-media-type",
    family="graphql-http",
    title="A GraphQL request is run whatever media type its body is said to have.",
    breaks=("graphql.bad-requests-refused",),
    apply=_apply,
    twin=_twin,
)
