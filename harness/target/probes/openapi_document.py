"""The OpenAPI document: served, readable, and with operations in it."""

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.target.openapi import read_openapi
from harness.target.probes.protocol import Asking, Probe, capability, said

#: Where a document is usually served.
PATHS = ("/openapi.json", "/openapi.yaml", "/swagger.json", "/v3/api-docs", "/api/openapi.json", "/spec.json")


def ask(asking: Asking) -> Capability:
    """Ask the path that the target file names, or each usual one."""
    named = asking.instance.target.openapi
    seen = []
    for path in (named,) if named else PATHS:
        answer = asking.get("openapi", path)
        if isinstance(answer, str) or answer.status_code >= 500:
            return capability("openapi", CapabilityState.BROKEN, said(answer))
        seen.append(said(answer))
        if answer.status_code == 200 and (named or _is_meant_as_one(answer)):
            return _read(answer, path)
    return capability("openapi", CapabilityState.ABSENT, "; ".join(seen))


def _is_meant_as_one(answer: httpx.Response) -> bool:
    """Whether the text claims to be a document, however broken: a start page at a usual path does not."""
    start = answer.text[:2000]
    return '"openapi"' in start or '"swagger"' in start or start.startswith(("openapi:", "swagger:"))


def _read(answer: httpx.Response, path: str) -> Capability:
    read = read_openapi(answer.content)
    if read.document is None:
        return capability("openapi", CapabilityState.BROKEN, f"{said(answer)}, but {read.problems[0]}")
    wrong = f", {len(read.problems)} places cannot be read" if read.problems else ""
    detail = f"{said(answer)}: OpenAPI {read.document['openapi']}, {len(read.operations)} operations{wrong}"
    return capability("openapi", CapabilityState.PRESENT, detail, (path,))


PROBE = Probe(id="openapi", ask=ask, requirement="api.openapi-document-served")
