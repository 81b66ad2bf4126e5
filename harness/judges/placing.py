"""Tells operations that are there from those that are answered like a path that nobody declared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.core.exchange import Exchange, Response
from harness.core.operation import Operation
from harness.judges.protocol import Recorded
from harness.judges.reading import answers, is_graphql_by_get, text_of

#: What a path that nobody declared may be answered with, and what an operation may answer, too.
_MAY_BE_UNKNOWN = frozenset({401, 403, 404, 410})
_NOT_THERE = frozenset({404, 410})
#: What a gateway in front of all operations may say of a message itself, whatever its path.
_OF_THE_MESSAGE = frozenset({400, 411, 413, 414, 415, 417, 431})
_LEAST = 2
_CHANGING = re.compile(r"[0-9a-fA-F]{6,}(?:-[0-9a-fA-F]+)*|\d+")


@dataclass(slots=True, kw_only=True)
class Placed:
    """What the answers of one operation show."""

    operation: Operation
    there: list[Exchange] = field(default_factory=list)
    like_unknown: list[Exchange] = field(default_factory=list)
    refused_method: list[Exchange] = field(default_factory=list)
    unclear: list[Exchange] = field(default_factory=list)

    @property
    def is_reached(self) -> bool:
        """Whether an answer is one that only the operation gives."""
        return any(item.response and item.response.status not in _OF_THE_MESSAGE for item in self.there)

    @property
    def is_told_of(self) -> bool:
        """Whether an answer says anything of the place at all."""
        return bool(self.like_unknown or self.unclear or self.refused_method)

    @property
    def is_missing(self) -> bool:
        """Whether every answer says that nothing is there; a template's 404 may be about the id alone."""
        if self.there or self.unclear:
            return False
        if "{" in self.operation.path:
            return bool(self.refused_method) and not self.like_unknown
        return bool(self.refused_method or self.like_unknown)


def placed(found: Recorded) -> Mapping[str, Placed]:
    """Return, by subject, what the answers of each operation show."""
    unknown = _unknown_answers(found)
    seen: dict[str, Placed] = {}
    for item, response in answers(found):
        operation = found.operations.find(item.request.method, item.request.path)
        if operation is None or (response.status == 405 and is_graphql_by_get(item.request)):
            continue
        mine = seen.setdefault(operation.subject, Placed(operation=operation))
        if response.status in {405, 501}:
            mine.refused_method.append(item)
        elif response.status >= 500 or response.status == 429 or 300 <= response.status < 304:
            mine.unclear.append(item)
        elif response.status not in _MAY_BE_UNKNOWN:
            mine.there.append(item)
        elif _shape(item, response) not in unknown:
            (mine.there if unknown else mine.unclear).append(item)
        elif response.status in _NOT_THERE:
            mine.like_unknown.append(item)
        else:
            mine.unclear.append(item)  # who is not let in learns nothing of what is there
    return seen


def is_misplaced(found: Recorded) -> bool:
    """Whether not one of several operations is where the document says: its base path must be wrong."""
    seen = placed(found).values()
    literal = [each for each in seen if "{" not in each.operation.path and each.is_told_of]
    is_lost = all(each.like_unknown and not each.unclear and not each.refused_method for each in literal)
    return len(literal) >= _LEAST and is_lost and not any(each.is_reached for each in seen)


def _unknown_answers(found: Recorded) -> frozenset[tuple[int, str, str]]:
    """Return the shapes of what the target answers where the document declares nothing."""
    return frozenset(
        _shape(item, response)
        for item, response in answers(found)
        if response.status in _MAY_BE_UNKNOWN and not found.operations.methods_at(item.request.path)
    )


def _shape(item: Exchange, response: Response) -> tuple[int, str, str]:
    """Return an answer without what changes from one request to the next."""
    text = (text_of(response) or "").replace(item.request.target, "*").replace(item.request.path, "*")
    return (response.status, response.media_type, _CHANGING.sub("#", text))
