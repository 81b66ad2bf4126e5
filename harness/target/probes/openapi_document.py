"""The OpenAPI document: served, readable, and with operations in it."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.target.bounded import MOST_BYTES
from harness.target.openapi import read_openapi
from harness.target.probes.protocol import Asking, Probe, capability, said
from harness.target.reading import USUAL_PATHS

_MEMBER = re.compile(r'"(?:openapi|swagger)"\s*:')


def ask(asking: Asking) -> Capability:
    """Ask the path that the target file names, or each usual one."""
    named = asking.instance.target.openapi
    seen = []
    for path in (named,) if named else USUAL_PATHS:
        answer = asking.get("openapi", path)
        if named and not isinstance(answer, str) and answer.status_code in {401, 403}:
            answer = asking.send("openapi", "GET", path, headers=asking.identity_headers())
        if isinstance(answer, str) or answer.status_code >= 500:
            return capability("openapi", CapabilityState.BROKEN, said(answer))
        seen.append(said(answer))
        if answer.status_code == 200 and (named or _is_meant_as_one(answer)):
            return _read(answer, path)
    return capability("openapi", CapabilityState.ABSENT, "; ".join(seen))


def _is_meant_as_one(answer: httpx.Response) -> bool:
    """Whether the text claims to be a document, however broken: a start page at a usual path does not."""
    text = answer.text.lstrip()
    if not text.startswith("{"):
        return text.startswith(("openapi:", "swagger:"))
    return _MEMBER.search(text) is not None


def _read(answer: httpx.Response, path: str) -> Capability:
    if len(answer.content) > MOST_BYTES:
        detail = f"{said(answer)}, but it is longer than {MOST_BYTES >> 20} MiB"
        return capability("openapi", CapabilityState.BROKEN, detail)
    read = read_openapi(answer.content)
    if read.document is None:
        return capability("openapi", CapabilityState.BROKEN, f"{said(answer)}, but {read.problems[0]}")
    wrong = f", {len(read.problems)} places cannot be read" if read.problems else ""
    detail = f"{said(answer)}: {_version(read.document)}, {len(read.operations)} operations{wrong}"
    return capability("openapi", CapabilityState.PRESENT, detail, (path,))


def _version(document: Mapping[str, Any]) -> str:
    return f"OpenAPI {document['openapi']}" if "openapi" in document else f"Swagger {document['swagger']}"


PROBE = Probe(id="openapi", ask=ask, requirement="api.openapi-document-served")
