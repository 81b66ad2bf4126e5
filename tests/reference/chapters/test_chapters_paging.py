"""Relay pages over keys, against a list in memory and against SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.chapters.errors import InvalidPage
from reference_impl.chapters.models import (
    ChapterFilter,
    ChapterOrder,
    Direction,
    Format,
    Window,
)
from reference_impl.chapters.paging import Cursors, Key, bounded, keyset_page
from reference_impl.chapters.service import ChapterService, PageRequest
from reference_impl.chapters.tables import chapters, documents
from reference_impl.chapters.wiring import assemble
from reference_impl.kit.access import ROLES, Principal
from reference_impl.kit.clock import ManualClock
from reference_impl.kit.composition import build_kit, close_kit
from reference_impl.kit.paging import encode_cursor
from reference_impl.settings import Settings
from tests.reference.serving import Tokens

ALICE = Principal(subject="usr_alice", tenant="north", permissions=ROLES["user"])


@dataclass
class SortedNumbers:
    """A keyset source over numbers in memory."""

    numbers: list[int]

    async def fetch(
        self, *, after: Key | None, before: Key | None, limit: int, from_end: bool
    ) -> Sequence[int]:
        found = [
            n
            for n in sorted(self.numbers)
            if (after is None or (n,) > after) and (before is None or (n,) < before)
        ]
        return found[-limit:] if from_end else found[:limit]

    async def any_before(self, key: Key, *, inclusive: bool) -> bool:
        return any((n,) < key or (inclusive and (n,) == key) for n in self.numbers)

    async def any_after(self, key: Key, *, inclusive: bool) -> bool:
        return any((n,) > key or (inclusive and (n,) == key) for n in self.numbers)

    def key_of(self, item: int) -> Key:
        return (item,)


numbers = st.sets(st.integers(0, 60), max_size=20).map(list)


@given(numbers, st.integers(1, 7), st.booleans())
async def test_pages_in_either_direction_show_every_row_once_and_tell_when_they_end(
    rows: list[int],
    size: int,
    from_end: bool,
) -> None:
    source, seen, key = SortedNumbers(rows), [], None
    while True:
        window = Window(
            limit=size, from_end=from_end, before=key if from_end else None, after=None if from_end else key
        )
        span = await keyset_page(source, window)
        seen += span.items[::-1] if from_end else span.items
        if not (span.has_previous if from_end else span.has_next):
            break
        key = (span.items[0 if from_end else -1],)

    assert seen == sorted(rows, reverse=from_end)


@given(numbers, st.integers(0, 60), st.integers(1, 7), numbers, numbers)
async def test_the_page_after_a_cursor_is_right_whatever_was_inserted_or_deleted(
    rows: list[int], at: int, size: int, inserted: list[int], deleted: list[int]
) -> None:
    source = SortedNumbers(rows)
    source.numbers = sorted((set(rows) | set(inserted)) - set(deleted))

    span = await keyset_page(source, Window(limit=size, after=(at,)))

    beyond = [n for n in source.numbers if n > at]
    assert list(span.items) == beyond[:size]
    assert span.has_next == (len(beyond) > size)
    assert span.has_previous == any(n <= at for n in source.numbers if not span.items or n < span.items[0])


@pytest.mark.parametrize(
    ("first", "last"), [(1, 1), (0, None), (-1, None), (101, None), (None, 0), (None, 101)]
)
def test_sizes_that_make_no_sense_are_refused(first: int | None, last: int | None) -> None:
    with pytest.raises(InvalidPage):
        bounded(first, last)


cursors: Cursors[int] = Cursors(name="numbers", types=(int,), key_of=lambda n: (n,))


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", encode_cursor("others", 1), encode_cursor("numbers", "1"), encode_cursor("numbers", None),
     encode_cursor("numbers", 2**70), encode_cursor("numbers"), encode_cursor("numbers", 1, 2)],
)  # fmt: skip
def test_cursors_that_are_not_of_this_list_are_refused(cursor: str) -> None:
    with pytest.raises(InvalidPage):
        cursors.read(cursor)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("order", ChapterOrder)
async def test_chapters_in_any_order_are_paged_without_gaps_or_repeats(
    tmp_path: Path, order: ChapterOrder, direction: Direction
) -> None:
    kit = build_kit(Settings(data_dir=tmp_path), clock=ManualClock())
    async with kit.database.begin() as connection:
        for table in (documents, chapters):
            await connection.run_sync(table.create)
    service = assemble(kit, authenticator=Tokens()).service
    assert isinstance(service, ChapterService)
    content = "".join(f"# {title}\n{'word ' * (n % 3)}\n" for n, title in enumerate("bacabdbaé𝄞"))
    document = await service.upload(ALICE, title="t", content=content, form=Format.MARKDOWN)
    await service.extract(ALICE, document.id, max_level=6)

    seen: list[tuple[str, int, int]] = []
    for cursor in (None, *range(10)):
        if cursor is None:
            after = None
        listed = await service.list_chapters(
            ALICE,
            document.id,
            selection=ChapterFilter(),
            order=order,
            direction=direction,
            page=PageRequest(first=3, after=after),
        )
        seen += [(each.title, each.position, each.words) for each in listed.span.items]
        if not listed.span.has_next:
            break
        after = listed.cursors[-1]

    key = {ChapterOrder.TITLE: 0, ChapterOrder.POSITION: 1, ChapterOrder.WORDS: 2}[order]
    values = [row[key] for row in seen]
    assert len(seen) == len(set(seen)) == listed.total == 10
    assert values == sorted(values, reverse=direction is Direction.DESC)
    await close_kit(kit)
