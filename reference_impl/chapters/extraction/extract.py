"""The one way in: a document's content to its chapters."""

from collections.abc import Callable, Sequence

from reference_impl.chapters.extraction import markdown, plain
from reference_impl.chapters.extraction.lines import split_lines
from reference_impl.chapters.extraction.sections import cut, limit_level
from reference_impl.chapters.models import Chapter, Format, Section

DEEPEST = 6


def find_sections(content: str, form: Format, *, title: str, max_level: int = DEEPEST) -> tuple[Section, ...]:
    """Cut the content into sections; their headings and bodies, joined, are the content."""
    lines = split_lines(content)
    match form:
        case Format.MARKDOWN:
            headings = markdown.find_headings(content)
        case Format.TEXT:
            headings = plain.find_headings(lines)
    return cut(lines, limit_level(headings, max_level), whole_title=title)


def place(sections: Sequence[Section], *, document_id: str, new_id: Callable[[], str]) -> tuple[Chapter, ...]:
    """Give every section its place: position, and the nearest chapter before it that is less deep."""
    chapters: list[Chapter] = []
    open_chapters: list[Chapter] = []
    for position, section in enumerate(sections):
        while open_chapters and open_chapters[-1].level >= section.level:
            open_chapters.pop()
        chapter = Chapter(
            id=new_id(),
            document_id=document_id,
            parent_id=open_chapters[-1].id if open_chapters else None,
            position=position,
            level=section.level,
            number=section.number,
            title=section.title,
            heading=section.heading,
            body=section.body,
            words=len(section.body.split()),
        )
        chapters.append(chapter)
        open_chapters.append(chapter)
    return tuple(chapters)
