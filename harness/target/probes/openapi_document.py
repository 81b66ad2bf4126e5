"""The OpenAPI document: served, readable, and with operations in it."""

from harness.core.plan import Capability, CapabilityState
from harness.target.openapi import PATHS, UnreadableDocument, parse_document
from harness.target.probes.protocol import Asking, Probe, capability, said, state_of


def ask(asking: Asking) -> Capability:
    """Ask the path that the target file names, or each usual one."""
    named = asking.instance.target.openapi
    seen = []
    for path in (named,) if named else PATHS:
        answer = asking.get("openapi", path)
        if isinstance(answer, str) or answer.status_code >= 500:
            return capability("openapi", CapabilityState.BROKEN, said(answer))
        seen.append(said(answer))
        if state_of(answer) is not CapabilityState.PRESENT or answer.status_code != 200:
            continue
        try:
            document = parse_document(answer.content)
        except UnreadableDocument as problem:
            if not named and not problem.looks_like_one:
                continue
            return capability("openapi", CapabilityState.BROKEN, f"{said(answer)}, but {problem}")
        detail = f"{said(answer)}: OpenAPI {document.get('openapi') or document.get('swagger')}"
        return capability("openapi", CapabilityState.PRESENT, detail, (path,))
    return capability("openapi", CapabilityState.ABSENT, "; ".join(seen))


PROBE = Probe(id="openapi", ask=ask, requirement="api.openapi-document-served")
