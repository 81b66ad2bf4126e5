"""Judges that the OpenAPI document holds together: its shape, references, ids and parameters."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.examples import recorded
from harness.judges.protocol import Judge, Recorded

_ID = "openapi-valid"
_REQUIREMENT = "docs.openapi-valid"
_KNOWN_VERSIONS = ("3.0", "3.1")
_MOST_TOLD = 5
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = re.compile(r"\{([^}]+)\}")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without a document there is nothing to judge."""
    document = found.openapi
    if document is None:
        return
    version = str(document.get("openapi", ""))
    if not version.startswith(_KNOWN_VERSIONS):
        outcome, reason = Outcome.INCONCLUSIVE, "openapi-version-unknown"
        seen = f"openapi: {version or 'missing'}; 3.0 and 3.1 can be judged"
    else:
        flaws = list(_flaws(document, version[:3]))
        outcome = Outcome.FAIL if flaws else Outcome.PASS
        reason = "openapi-invalid" if flaws else "openapi-valid"
        rest = len(flaws) - _MOST_TOLD
        seen = "; ".join(flaws[:_MOST_TOLD]) + (f"; and {rest} more" if rest > 0 else "")
    yield Finding(
        requirement=_REQUIREMENT,
        subject="target",
        outcome=outcome,
        reason=reason,
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected="the document is valid by its specification and its references, ids and parameters agree",
        seen=seen or f"openapi: {version}",
    )


def _flaws(document: Mapping[str, Any], version: str) -> Iterator[str]:
    errors = _validator(version).iter_errors(document)
    yield from sorted(f"{_pointer(error.instance_path)}: {error.message[:160]}" for error in errors)
    yield from sorted(set(_dangling(document, document)))
    yield from _repeated_ids(document)
    yield from _undeclared_parameters(document)


@cache
def _validator(version: str) -> Any:
    from jsonschema_rs import validator_for  # noqa: PLC0415 - loaded once there is a document

    text = files("harness.judges").joinpath("openapi_schemas", f"{version}.json").read_text(encoding="utf-8")
    return validator_for(json.loads(text))


def _pointer(path: list[str | int]) -> str:
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _dangling(node: Any, document: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _dangling(item, document)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/") and not _resolves(reference, document):
        yield f"{reference}: points nowhere"
    for key, item in node.items():
        if key not in {"example", "examples", "default", "const", "enum"}:
            yield from _dangling(item, document)


def _resolves(reference: str, document: Mapping[str, Any]) -> bool:
    return _at(reference, document) is not None


def _at(reference: str, document: Mapping[str, Any]) -> Any:
    node: Any = document
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return node


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in _METHODS:
            if isinstance(item, dict) and isinstance(operation := item.get(method), dict):
                yield path, method, item, operation


def _repeated_ids(document: Mapping[str, Any]) -> Iterator[str]:
    homes: dict[str, str] = {}
    for path, method, _, operation in _operations(document):
        name = operation.get("operationId")
        if isinstance(name, str):
            where = f"{method.upper()} {path}"
            if name in homes:
                yield f"operationId {name}: on {homes[name]} and on {where}"
            homes.setdefault(name, where)


def _undeclared_parameters(document: Mapping[str, Any]) -> Iterator[str]:
    for path, method, item, operation in _operations(document):
        declared = set()
        listed = [*_list(item.get("parameters")), *_list(operation.get("parameters"))]
        if any(_is_elsewhere(each) for each in listed):
            continue  # what another document declares is not known here
        for parameter in listed:
            if isinstance(parameter, dict) and isinstance(reference := parameter.get("$ref"), str):
                parameter = _at(reference, document)  # noqa: PLW2901 - the parameter meant
            if isinstance(parameter, dict) and parameter.get("in") == "path":
                declared.add(parameter.get("name"))
        for name in _PARAMETER.findall(path):
            if name not in declared:
                yield f"{method.upper()} {path}: path parameter {name} is not declared"


def _is_elsewhere(node: object) -> bool:
    reference = node.get("$ref") if isinstance(node, dict) else None
    return isinstance(reference, str) and not reference.startswith("#/")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


_DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Example", "version": "1"},
    "paths": {"/items": {"get": {"responses": {"200": {"description": "Items."}}}}},
}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(openapi=_DOCUMENT),
    bad=recorded(openapi={**_DOCUMENT, "info": {"title": "Example"}}),
)
