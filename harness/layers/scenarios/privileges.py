"""What an account may have that its owner has no say in, and which values of it the document knows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.operation import Operation
from harness.target.schemas import merged, resolved

_PRIVILEGE = re.compile(
    r"(?i)(is_?)?(admin|staff|superuser|verified|approved|premium|internal)|roles?|permissions?|scopes?|groups?"
)
_MIGHTY = ("admin", "administrator", "staff")


def is_privilege(name: str) -> bool:
    """Whether a member is called like a role, a right or a flag that somebody else grants."""
    return _PRIVILEGE.fullmatch(name) is not None


def other_values(operation: Operation, document: Mapping[str, Any], name: str, usual: Any) -> Iterator[Any]:
    """Yield values that the account has not by itself, the document's own first."""
    if isinstance(usual, bool):
        yield not usual
        return
    texts = [*listed_values(operation, document, name), *_MIGHTY]
    different = [text for text in dict.fromkeys(texts) if usual not in (text, [text])]
    for text in different[:4]:
        yield [text] if isinstance(usual, list) else text


def listed_values(operation: Operation, document: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the texts that the document lists for a member of the answer."""
    raw = resolved(document.get("paths", {}).get(operation.path, {}), document)
    responses = resolved(raw.get(operation.method.lower(), {}), document).get("responses", {})
    for status, response in responses.items():
        found = resolved(response, document)
        content = found.get("content", {})
        for media in content.values() if str(status).startswith("2") else ():
            schema = merged(media.get("schema", {}), document).get("properties", {}).get(name, {})
            listed = resolved(schema, document)
            items = resolved(listed.get("items", {}), document)
            yield from (str(each) for each in (*listed.get("enum", ()), *items.get("enum", ())))
