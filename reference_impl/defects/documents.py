"""What defects of the OpenAPI document share: changing a copy of it before it is served."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from reference_impl.kit.policies import Apply, PolicyTable, Probe

_POLICY = "ops.document"
Document = dict[str, Any]


def wrong_document(change: Callable[[Document], None]) -> Apply:
    """A defect: the document that is served was changed in place by `change`."""
    return _document(change, is_wrong=True)


def harmless_document(change: Callable[[Document], None]) -> Apply:
    """A twin: another document that is as good."""
    return _document(change, is_wrong=False)


def _document(change: Callable[[Document], None], *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Callable[[Document], Document] = policies[_POLICY]

        def changed(made: Document) -> Document:
            document = deepcopy(right(made))
            change(document)
            probe.reached()
            if is_wrong:
                probe.triggered()
            return document

        policies.replace(_POLICY, changed)

    return apply
