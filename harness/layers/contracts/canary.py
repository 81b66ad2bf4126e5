"""The contracts layer's canary: the real verifier on a good and a bad provider, and on no contract."""

import json
from pathlib import Path

from harness.layers.contracts.verification import Verdict, Verified, Verifying
from harness.plan.engine import CanaryVerdict
from harness.target.canary_service import Variant, canary_service

_SECONDS = 30.0
_INTERACTION = {
    "type": "Synchronous/HTTP",
    "description": "reads an item",
    "request": {"method": "GET", "path": "/items/7"},
    "response": {
        "status": 200,
        "headers": {"Content-Type": ["application/json"]},
        "body": {"contentType": "application/json", "encoded": False, "content": {"id": 7, "name": "item"}},
        "matchingRules": {"body": {"$.name": {"combine": "AND", "matchers": [{"match": "type"}]}}},
    },
}


def told_apart(scratch: Path) -> CanaryVerdict:
    """Verify one contract on both variants, and an empty pact, which must not count as verified."""
    verifying = Verifying(scratch=scratch / "pact", logs=scratch, seconds=_SECONDS, redact=lambda line: line)
    contract = _write(scratch / "canary-pact.json", [_INTERACTION])
    good, nothing = _verify(verifying, "good", (contract, _write(scratch / "empty-pact.json", [])))
    (bad,) = _verify(verifying, "bad", (contract,))
    verdicts = (_verdict(good), _verdict(bad), _verdict(nothing))
    return CanaryVerdict(
        told_apart=verdicts == (Verdict.MATCHED, Verdict.MISMATCHED, None),
        detail=f"good: {verdicts[0]}; bad: {verdicts[1]}; empty pact: {verdicts[2] or 'not counted'}",
    )


def _verify(verifying: Verifying, variant: Variant, pacts: tuple[Path, ...]) -> tuple[Verified, ...]:
    with canary_service(variant, verifying.logs) as url:
        return tuple(
            verifying.http(f"canary-{variant}-{pact.stem}", (pact,), provider="canary", url=url)
            for pact in pacts
        )


def _verdict(verified: Verified) -> Verdict | None:
    return verified.results[0].verdict if verified.results else None


def _write(path: Path, interactions: list[object]) -> Path:
    pact = {
        "consumer": {"name": "harness"},
        "provider": {"name": "canary"},
        "interactions": interactions,
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    path.write_text(json.dumps(pact), encoding="utf-8")
    return path
