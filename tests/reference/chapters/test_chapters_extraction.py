"""Finding chapters in Markdown and plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.chapters.extraction.extract import find_sections, place
from reference_impl.chapters.models import Format, Section

_PIECES = st.one_of(
    st.sampled_from(["# One\n", "## Two\r\n", "Title\n=====\n", "Sub\n---\n", "#\n", "#hash\n", "[a]: b\n"]),
    st.sampled_from(
        ["```\n# no\n```\n", "~~~\n", "    # code\n", "> # quoted\n", "- # item\n", "<pre>\n# x\n"]
    ),
    st.sampled_from(["CHAPTER IV\n", "CHAPTER V. The End\n", "Part One\n", "1. First\n", "1.2 Deeper\n"]),
    st.sampled_from(["\n", "\r", "\r\n", "Some words.\n", "\x00", "\x0b\x0c\x85\u2028", "PROLOGUE\n"]),
)
_documents = st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=25).map("".join))


def found(content: str, form: Format, max_level: int = 6) -> tuple[Section, ...]:
    return find_sections(content, form, title="The whole", max_level=max_level)


def titles(content: str, form: Format) -> list[tuple[int, str]]:
    return [(section.level, section.title) for section in found(content, form)]


@given(_documents, st.sampled_from(Format), st.integers(1, 6))
def test_headings_and_bodies_joined_are_the_document(content: str, form: Format, level: int) -> None:
    sections = found(content, form, level)

    assert "".join(section.heading + section.body for section in sections) == content
    assert sections
    assert all(section.title.strip() and 1 <= section.level <= level for section in sections)


@given(_documents, st.sampled_from(Format))
def test_every_parent_comes_before_and_is_less_deep(content: str, form: Format) -> None:
    ids = iter(range(10_000))
    chapters = place(found(content, form), document_id="doc", new_id=lambda: str(next(ids)))
    by_id = {chapter.id: chapter for chapter in chapters}

    for chapter in chapters:
        if chapter.parent_id is not None:
            parent = by_id[chapter.parent_id]
            assert parent.position < chapter.position
            assert parent.level < chapter.level


def test_markdown_headings_of_both_kinds_are_chapters_with_their_levels() -> None:
    content = "intro\n\n# One\ntext\n\n## *Two* `code`\n\nThree\n=====\nx\n\nFour\n----\n### Five ###\n"

    assert titles(content, Format.MARKDOWN) == [
        (1, "Front matter"), (1, "One"), (2, "Two code"), (1, "Three"), (2, "Four"), (3, "Five"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hidden",
    [
        "```\n# no\n```",
        "~~~md\n# no\n~~~",
        "    # no",
        "> # no",
        "- # no",
        "<pre>\n# no\n</pre>",
        "#no",
        "\\# no",
    ],
)
def test_what_only_looks_like_a_heading_is_not_a_chapter(hidden: str) -> None:
    content = f"# Yes\n\n{hidden}\n\n# Also\n"

    assert titles(content, Format.MARKDOWN) == [(1, "Yes"), (1, "Also")]


def test_plain_text_parts_hold_chapters() -> None:
    content = (
        "PART ONE\n\nCHAPTER I. Down the Rabbit-Hole\n\nAlice was beginning.\n\n"
        "CHAPTER II\nThe Pool of Tears\n\n"
        "Curiouser.\n\nPart Two\n\nChapter 3\n\nThe end.\n\nEPILOGUE\n\nBye.\n"
    )

    assert titles(content, Format.TEXT) == [
        (1, "PART ONE"), (2, "CHAPTER I. Down the Rabbit-Hole"), (2, "CHAPTER II: The Pool of Tears"),
        (1, "Part Two"), (2, "Chapter 3"), (2, "EPILOGUE"),
    ]  # fmt: skip


def test_numbered_headings_nest_by_their_numbers() -> None:
    content = "1. Scope\n\nWords.\n\n1.1 Terms\n\nMore.\n\n2 Method\n\n1. this is a list item.\n\nEnd.\n"

    assert titles(content, Format.TEXT) == [(1, "Scope"), (2, "Terms"), (1, "Method")]


def test_a_table_of_contents_is_not_a_row_of_chapters() -> None:
    content = "CONTENTS\n\nCHAPTER I. A\nCHAPTER II. B\nCHAPTER III. C\n\n\nCHAPTER I. A\n\nText.\n"

    assert titles(content, Format.TEXT) == [(1, "Front matter"), (1, "CHAPTER I. A")]


def test_a_sentence_that_begins_like_a_heading_is_not_one() -> None:
    content = "CHAPTER I\n\nPart of me wanted to go.\n\nPart one of the plan was simple.\n\nBook me.\n"

    assert titles(content, Format.TEXT) == [(1, "CHAPTER I")]


def test_text_without_headings_is_one_chapter_with_the_documents_title() -> None:
    assert titles("Just words.\n", Format.TEXT) == [(1, "The whole")]
