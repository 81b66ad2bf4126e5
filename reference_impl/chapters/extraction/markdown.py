"""Headings of a CommonMark document: ATX and setext, never in code, quotes or lists."""

from collections.abc import Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reference_impl.chapters.extraction.sections import Heading

_BLOCKS = MarkdownIt("commonmark")
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
_INLINE = MarkdownIt("commonmark")


def find_headings(text: str) -> tuple[Heading, ...]:
    """Return the top-level headings in order."""
    tokens = _BLOCKS.parse(text)
    return tuple(
        _heading(token, inline)
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map is not None
    )


def _heading(opening: Token, inline: Token) -> Heading:
    start, end = opening.map or (0, 0)
    return Heading(start=start, end=end, level=int(opening.tag[1:]), title=_plain(inline.content))


def _plain(source: str) -> str:
    """The heading's words without its marks."""
    return " ".join(_words(_INLINE.parseInline(source)).split())


def _words(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        if token.children:
            parts.append(_words(token.children))
        elif token.type in {"text", "code_inline"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return "".join(parts)
