"""Judges that the OpenAPI document says whose it is, on what terms, and what its tags and schemes mean."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.document_schemas import under
from harness.judges.examples import recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.texts import declared

_ID = "document-information"
_REQUIREMENT = "docs.information-complete"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without a document there is nothing to judge."""
    if found.openapi is None:
        return
    gaps = list(_gaps(found, found.openapi))
    yield Finding(
        requirement=_REQUIREMENT,
        subject="target",
        outcome=Outcome.FAIL if gaps else Outcome.PASS,
        reason="information-missing" if gaps else "as-required",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected="title, version, description, contact and licence are stated; tags and schemes explained",
        seen="; ".join(gaps),
    )


def _gaps(found: Recorded, document: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "version", "description"):
        if not str(under(document, "info", name) or "").strip():
            yield f"info.{name} is missing"
    for name in ("contact", "license"):
        if not under(document, "info", name):
            yield f"info.{name} is missing"
    used = {tag for operation, _ in declared(found) for tag in operation.tags}
    listed = document.get("tags")
    explained = {
        tag.get("name")
        for tag in (listed if isinstance(listed, list) else ())
        if isinstance(tag, dict) and tag.get("description")
    }
    if unexplained := sorted(used - explained):
        yield f"tags without a description: {', '.join(unexplained[:5])}"
    schemes = under(document, "components", "securitySchemes") or document.get("securityDefinitions") or {}
    silent = [name for name, scheme in schemes.items() if not under(scheme, "description")]
    if silent:
        yield f"security schemes without a description: {', '.join(sorted(silent)[:5])}"


_INFO = {
    "title": "Items",
    "version": "1",
    "description": "Keeps items.",
    "contact": {"email": "team@items.example"},
    "license": {"name": "MIT"},
}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(openapi={"openapi": "3.1.0", "info": _INFO, "paths": {}}),
    bad=recorded(openapi={"openapi": "3.1.0", "info": {"title": "Items", "version": "1"}, "paths": {}}),
)
