"""Headings of plain text: parts, chapters, named and numbered ones, never a table of contents."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reference_impl.chapters.extraction.sections import Heading

_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last"
)
_NUMBER = rf"(?P<number>[0-9]{{1,4}}|[IVXLCDM]{{1,15}}|[ivxlcdm]{{1,15}}|(?i:{_WORDS}))"
_REST = r"(?:\s*[.:—–-]\s*(?P<title>\S.*)|\s*[.:]?|\s+(?P<bare>[A-Z].*))"
_GROUP = re.compile(rf"(?P<kind>PART|Part|BOOK|Book|VOLUME|Volume)\s+(?:(?:THE|the)\s+)?{_NUMBER}{_REST}")
_CHAPTER = re.compile(
    rf"(?P<kind>CHAPTER|Chapter|CHAP\.|Chap\.|LETTER|Letter)\s+(?:(?:THE|the)\s+)?{_NUMBER}{_REST}"
)
_NAMED = re.compile(
    r"(?P<kind>(?i:PROLOGUE|EPILOGUE|PREFACE|FOREWORD|AFTERWORD|INTRODUCTION|CONCLUSION"
    r"|APPENDIX(?: [A-Z0-9])?))(?:\s*[.:—–-]\s*(?P<title>\S.*))?[.:]?"
)
_NUMBERED = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,3}){0,4})[.)]?[ \t]+(?P<title>[A-Z]\S*(?: .*)?)")
_LONGEST = 100
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A line that reads like a heading; rank 0 groups chapters, rank 1 is one, deeper ones are numbered."""

    rank: int
    title: str
    number: str | None
    has_title: bool


def find_headings(lines: Sequence[str]) -> tuple[Heading, ...]:
    """Return the headings in order, each on a line that blank lines set apart."""
    found: list[tuple[int, int, _Found]] = []
    index = 0
    while index < len(lines):
        match = _candidate(lines, index)
        if match is None:
            index += 1
            continue
        end, heading = match
        found.append((index, end, heading))
        index = end
    top = min((heading.rank for _, _, heading in found), default=0)
    return tuple(
        Heading(
            start=start,
            end=end,
            level=min(heading.rank - top + 1, _DEEPEST),
            title=heading.title,
            number=heading.number,
        )
        for start, end, heading in found
    )


def _candidate(lines: Sequence[str], index: int) -> tuple[int, _Found] | None:
    if index > 0 and lines[index - 1].strip():
        return None
    heading = _read(lines[index])
    if heading is None:
        return None
    if _is_blank(lines, index + 1):
        return index + 1, heading
    subtitle = lines[index + 1].strip()
    # In a table of contents the next line is a heading, too; under a heading it can only be its title.
    if heading.has_title or len(subtitle) > _LONGEST or _read(subtitle) is not None:
        return None
    if not _is_blank(lines, index + 2) or subtitle[-1:] in ".,;":
        return None
    return index + 2, _Found(
        rank=heading.rank, title=f"{heading.title}: {subtitle}", number=heading.number, has_title=True
    )


def _is_blank(lines: Sequence[str], index: int) -> bool:
    return index >= len(lines) or not lines[index].strip()


def _read(line: str) -> _Found | None:
    text = " ".join(line.split())
    if not text or len(text) > _LONGEST:
        return None
    for rank, pattern in ((0, _GROUP), (1, _CHAPTER), (1, _NAMED)):
        match = pattern.fullmatch(text)
        if match is not None:
            return _named(match, text, rank)
    match = _NUMBERED.fullmatch(text)
    if match is None or text[-1] in ".,;:!?":
        return None
    number = match["number"]
    return _Found(rank=1 + number.count("."), title=match["title"], number=number, has_title=True)


def _named(match: re.Match[str], text: str, rank: int) -> _Found:
    groups = match.groupdict()
    return _Found(
        rank=rank,
        title=text.rstrip(" .:"),
        number=groups.get("number"),
        has_title=bool(groups.get("title") or groups.get("bare")),
    )
