"""Finds where a document declares each operation: its line and column, as the bytes were served."""

import json
from collections.abc import Iterator, Mapping
from json.decoder import scanstring  # type: ignore[attr-defined] # part of the module, not of its stubs

import yaml

#: Where something stands, both counted from 1.
Position = tuple[int, int]

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"
_LARGEST_YAML = 4_000_000  # composing nodes costs a second per megabyte


def operation_positions(content: bytes) -> Mapping[tuple[str, str], Position]:
    """Return the position of each (method in lower case, path); nothing for what cannot be followed."""
    text = content.decode("utf-8-sig", "replace")
    try:
        if text.lstrip()[:1] == "{":
            return {key: _position(text, at) for key, at in _offsets(text).items()}
        return {} if len(content) > _LARGEST_YAML else _in_yaml(text)
    except (ValueError, IndexError, yaml.YAMLError):
        return {}


def _offsets(text: str) -> Mapping[tuple[str, str], int]:
    """Return the offset of each operation's name; where a member stands twice, the last one counts."""
    found: dict[tuple[str, str], int] = {}
    for name, _, start in _members(text, _after_blank(text, 0)):
        if name != "paths":
            continue
        for path, _, item in _members(text, start):
            found |= {(method, path): at for method, at, _ in _members(text, item)}
    return found


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield name, offset of the name and offset of the value for each member of the object there."""
    if text[start] != "{":
        return
    at = _after_blank(text, start + 1)
    while text[at] == '"':
        name, end = scanstring(text, at + 1)
        value = _after_blank(text, _after_blank(text, end) + 1)
        yield name, at, value
        _, end = _DECODER.raw_decode(text, value)
        at = _after_blank(text, end)
        if text[at] != ",":
            return
        at = _after_blank(text, at + 1)


def _after_blank(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at


def _position(text: str, at: int) -> Position:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _in_yaml(text: str) -> Mapping[tuple[str, str], Position]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = yaml.compose(text, Loader=loader)
    found: dict[tuple[str, str], Position] = {}
    for name, value in _pairs(root):
        if name.value != "paths":
            continue
        for path, item in _pairs(value):
            for method, _ in _pairs(item):
                mark = method.start_mark
                found[(str(method.value), str(path.value))] = (mark.line + 1, mark.column + 1)
    return found


def _pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((name, value) for name, value in node.value if isinstance(name, yaml.ScalarNode))
