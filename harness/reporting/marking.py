"""Which parts of an answer a finding is about: its status, headers, pieces of its body, or what is absent.

Only what the finding itself names is marked. A part that is not named stays as it is: a wrong mark misleads
more than none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.exchange import Response
from harness.core.finding import Finding

_QUOTED = re.compile(r"'([^']{3,200})'|\"([^\"]{3,200})\"|`([^`]{3,200})`")
_POINTER = re.compile(r"(?:\$\.|/)([A-Za-z_][\w.-]{1,60})")
_HEADER = re.compile(r"\b([A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+|Allow|Vary|Location|ETag|Server|Link)\b")
_MEDIA_TYPE = re.compile(r"media[ -]type|content[ -]type")
_MOST_PIECES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """`headers` in lower case, `missing` as they would be written, `pieces` as they stand in the body."""

    status: bool = False
    headers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.status or self.headers or self.missing or self.pieces)


def marks_of(finding: Finding, response: Response | None) -> Marks:
    """Return what a finding names of an answer."""
    if response is None:
        return Marks()
    told = f"{finding.seen}\n{finding.expected}"
    present = {name.lower() for name, _ in response.headers}
    named = {match[0].lower(): match[0] for match in _HEADER.finditer(told)}
    if _MEDIA_TYPE.search(told) or _MEDIA_TYPE.search(finding.reason.replace("-", " ")):
        named["content-type"] = "Content-Type"
    is_absence = re.search(r"(?i)missing|without|absent|no [A-Z]|lacks", f"{finding.reason} {finding.seen}")
    return Marks(
        status="status" in finding.reason.split("-")
        or re.search(rf"\b{response.status}\b", finding.seen) is not None,
        headers=tuple(sorted(name for name in named if name in present)),
        missing=tuple(sorted(text for name, text in named.items() if name not in present))
        if is_absence
        else (),
        pieces=tuple(dict.fromkeys(_pieces(finding.seen, response.body or "")))[:_MOST_PIECES],
    )


def _pieces(seen: str, body: str) -> Iterator[str]:
    for match in _QUOTED.finditer(seen):
        text = next(group for group in match.groups() if group)
        if text in body:
            yield text
    for match in _POINTER.finditer(seen):
        for name in match[1].split("."):
            if f'"{name}"' in body:
                yield f'"{name}"'
