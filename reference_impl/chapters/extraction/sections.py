"""From headings to sections: every line goes into exactly one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from reference_impl.chapters.models import Section

FRONT_MATTER = "Front matter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading that stands on the lines from `start` up to `end`."""

    start: int
    end: int
    level: int
    title: str
    number: str | None = None


def cut(lines: Sequence[str], headings: Sequence[Heading], *, whole_title: str) -> tuple[Section, ...]:
    """Cut the lines at the headings.

    Text before the first heading becomes a section of its own; blank lines there go to the first heading.
    Without any heading the whole text is one section.
    """
    if not headings:
        return (Section(title=whole_title, level=1, number=None, heading="", body="".join(lines)),)
    before = "".join(lines[: headings[0].start])
    blank = before if not before.strip() else ""
    ends = [heading.start for heading in headings[1:]] + [len(lines)]
    sections = [
        Section(
            title=heading.title or "Untitled",
            level=heading.level,
            number=heading.number,
            heading="".join(lines[heading.start : heading.end]),
            body="".join(lines[heading.end : end]),
        )
        for heading, end in zip(headings, ends, strict=True)
    ]
    if before.strip():
        return (Section(title=FRONT_MATTER, level=1, number=None, heading="", body=before), *sections)
    first = sections[0]
    sections[0] = Section(
        title=first.title,
        level=first.level,
        number=first.number,
        heading=blank + first.heading,
        body=first.body,
    )
    return tuple(sections)


def limit_level(headings: Sequence[Heading], max_level: int) -> tuple[Heading, ...]:
    """Keep the headings that are not nested deeper; what is under the others joins the chapter above."""
    return tuple(heading for heading in headings if heading.level <= max_level)
