"""Lists keep to the page size that was asked for, and their pages hold every item once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import members
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.filling import Filler
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.listing import items_of, key_of, next_of
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people
from harness.layers.scenarios.reads import Read, ask, declared_parameters, integers_in_query, json_or_none
from harness.layers.scenarios.samples import merged, resolved
from harness.layers.scenarios.signals import Inconclusive
from harness.target.probes.paging import SIZES
from harness.target.surface import resources

_OFFSETS = frozenset({"offset", "skip", "start", "$skip", "start_index", "startindex"})
_PAGES = frozenset({"page", "page_number", "pagenumber", "page_no"})
_CURSORS = frozenset({"cursor", "after", "page_token", "pagetoken", "continuation", "next", "starting_after"})
_NEXT_CURSOR = re.compile(r"(?i)(next_?)?(cursor|page_?token)|next(_?(after|page|token|id|offset))?")
_HAS_MORE = re.compile(r"(?i)has_?(more|next)(_?page)?|more")
_MOST_PAGES = 25
_EMPTY_PAGES = 3
_MOST_LISTS = 5
_SMALL = 2
_REFUSED = frozenset({400, 413, 416, 422})
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that takes a page size: the parameters that say how much and from where."""

    operation: Operation
    path: str
    size: str
    most: int | None
    offset: str = ""
    page: str = ""
    cursor: str = ""
    first_page: int = 1

    def ask(self, client: httpx.Client, **query: object) -> httpx.Response | None:
        """Read with these parameters added."""
        address = httpx.URL(self.path).copy_merge_params({name: str(each) for name, each in query.items()})
        return ask(client, "GET", str(address))


@pytest.fixture
def filler(target: ScenarioContext, maker: Maker, clients: Clients) -> Filler:
    """Makes lists longer: on a launched instance, whose data are nobody's, and with consent."""
    return Filler(
        maker=maker,
        may_fill=target.is_launched and target.may_write,
        makers=[clients(each.headers, identity=each.name) for each in people(target)] or [clients()],
    )


@pytest.fixture
def listings(readable: tuple[Read, ...], document: Mapping[str, Any]) -> Sequence[Listing]:
    """The declared lists with a page size that answer."""
    found = [listing for read in readable if (listing := _listing(read, document)) is not None]
    if not found:
        raise Inconclusive("no-list", "No list with a declared page size was found readable.")
    return found[:_MOST_LISTS]


@pytest.fixture
def filled(
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    identified: httpx.Client,
    maker: Maker,
    pace: Pace,
) -> None:
    """Where we may write, the lists of what we can make hold more than a small page."""
    for resource in pace.some(resources(operations)) if target.may_write else ():
        for _ in range(_SMALL + 1 if resource.collection is not None else 0):
            if maker.make(resource, identified) is None:
                break


def _listing(read: Read, document: Mapping[str, Any]) -> Listing | None:
    if read.operation is None:
        return None
    numbers = dict(integers_in_query(read.operation, document))
    named = {name.lower(): name for name in numbers}
    size = next((named[each] for each in SIZES if each in named), "")
    if not size:
        return None
    page = next((named[each] for each in _PAGES if each in named), "")
    start = numbers[page] if page else {}
    return Listing(
        operation=read.operation,
        path=read.path,
        size=size,
        most=_least(numbers[size].get("maximum"), most_items(read.operation, document)),
        offset=next((named[each] for each in _OFFSETS if each in named), ""),
        page=page,
        cursor=next(
            (name for name in _texts_in_query(read.operation, document) if name.lower() in _CURSORS), ""
        ),
        first_page=int(start.get("default", start.get("minimum", 1)) or 0),
    )


def _least(*bounds: Any) -> int | None:
    known = [int(each) for each in bounds if isinstance(each, int | float) and not isinstance(each, bool)]
    return min(known, default=None)


def most_items(operation: Operation, document: Mapping[str, Any]) -> int | None:
    """Return how many items the document says an answer holds at most, if it does."""
    item = resolved(document.get("paths", {}).get(operation.path, {}), document)
    responses = resolved(item.get("get", {}), document).get("responses", {})
    good = resolved(responses.get("200", {}), document)
    bounds = []
    for media in good.get("content", {"": good}).values():
        schema = merged(media.get("schema", {}), document)
        arrays = [schema, *(resolved(each, document) for each in schema.get("properties", {}).values())]
        bounds += [each.get("maxItems") for each in arrays if each.get("type") == "array"]
    return _least(*bounds)


def _texts_in_query(operation: Operation, document: Mapping[str, Any]) -> list[str]:
    return [
        str(each.get("name"))
        for each in declared_parameters(operation, document)
        if each.get("in") == "query"
    ]


def _items(answer: httpx.Response | None) -> Sequence[Mapping[str, Any]] | None:
    return None if answer is None or answer.status_code != 200 else items_of(json_or_none(answer))


@pytest.mark.requirement("api.page-size-honoured")
@pytest.mark.needs("paging")
@pytest.mark.usefixtures("filled")
def test_no_page_holds_more_than_was_asked_for(identified: httpx.Client, listings: Sequence[Listing]) -> None:
    """A page of one holds one item."""
    judged = 0
    for each in listings:
        whole = _items(each.ask(identified))
        if whole is None or len(whole) < _SMALL:
            continue
        one = _items(each.ask(identified, **{each.size: 1}))
        if one is not None:
            judged += 1
            assert len(one) <= 1, f"{each.operation.subject} with {each.size}=1 gives {len(one)} items"
    if not judged:
        raise Inconclusive("lists-too-short", "No list holds two items or more.")


@pytest.mark.requirement("api.page-maximum-enforced")
@pytest.mark.needs("paging")
@pytest.mark.depth("standard")
@pytest.mark.usefixtures("last_of_the_pack")
def test_a_page_size_above_the_documented_maximum_is_refused_or_cut(
    identified: httpx.Client, listings: Sequence[Listing], filler: Filler
) -> None:
    """One more than the maximum is refused, or gives no more than the maximum of a list that is longer."""
    told: list[str] = []
    judged = 0
    for each in listings:
        if each.most is None:
            continue
        items = _items(more := each.ask(identified, **{each.size: each.most + 1}))
        if items is not None and len(items) < each.most and filler.fill(each.operation, each.most + 1):
            items = _items(more := each.ask(identified, **{each.size: each.most + 1}))
        said = f"{each.operation.subject} with {each.size}={each.most + 1}"
        assert items is None or len(items) <= each.most, f"{said} gives {len(items or ())} items"
        is_refused = more is not None and more.status_code in _REFUSED
        judged += is_refused or (items is not None and goes_on(identified, each, len(items)))
        told.append(f"{said} gives {len(items or ())}")
    if not told:
        raise Inconclusive(
            "no-maximum", "No list was found whose document states a maximum of the page size."
        )
    if not judged:
        raise Inconclusive("lists-too-short", f"No list is known to be longer: {'; '.join(told)}.")


def goes_on(client: httpx.Client, each: Listing, held: int) -> bool:
    """Whether a list has more items than a page that was cut to its maximum held."""
    if each.most is None or held < each.most:
        return False
    first = each.ask(client, **{each.size: each.most})
    where = _onward(each, 1, "" if first is None else _next_cursor(first), step=each.most)
    return bool(_items(each.ask(client, **{each.size: each.most, **where})))


@pytest.mark.requirement("api.pages-complete")
@pytest.mark.needs("paging")
@pytest.mark.usefixtures("filled")
def test_the_pages_of_a_list_hold_every_item_once(
    identified: httpx.Client, listings: Sequence[Listing]
) -> None:
    """Small pages, one after the other, hold what the whole list holds: nothing twice and nothing lost."""
    judged = 0
    for each in listings:
        whole = _keys(_items(each.ask(identified, **({each.size: each.most} if each.most else {}))))
        if len(whole) <= _SMALL or not all(whole) or len(set(whole)) < len(whole):
            continue
        paged = _paged(identified, each, enough=len(whole))
        again = _keys(_items(each.ask(identified, **({each.size: each.most} if each.most else {}))))
        if paged is None or again != whole:
            continue
        judged += 1
        subject = each.operation.subject
        doubled = sorted({key for key in paged if paged.count(key) > 1})
        assert not doubled, f"{subject} by {each.size}={_SMALL} gives {doubled[0]} on two pages"
        lost = [key for key in whole if key not in paged]
        assert not lost, f"{subject} by {each.size}={_SMALL} never gives {lost[0]}, which the list holds"
    if not judged:
        raise Inconclusive("no-paged-list", "No list with a known way to its next page stood still.")


def _keys(items: Sequence[Mapping[str, Any]] | None) -> list[str]:
    return [key_of(item) for item in items or ()]


def _paged(client: httpx.Client, each: Listing, *, enough: int) -> list[str] | None:
    """Return the keys on small pages until there are enough; None where the way onward is not known."""
    keys: list[str] = []
    where = _start(each)
    for number in range(1, _MOST_PAGES):
        answer = each.ask(client, **{each.size: _SMALL, **where}) if where is not None else None
        items = _items(answer)
        if answer is None or items is None:
            return None
        keys += _keys(items)
        following = _next_cursor(answer)
        if not items or len(keys) >= enough or (each.cursor and not following):
            return keys
        where = _onward(each, number, following)
    return None  # longer than anybody reads here


def _start(each: Listing) -> Mapping[str, object] | None:
    if each.offset:
        return {each.offset: 0}
    if each.page:
        return {each.page: each.first_page}
    return {} if each.cursor else None


def _onward(each: Listing, number: int, cursor: str, *, step: int = _SMALL) -> Mapping[str, object]:
    if each.offset:
        return {each.offset: number * step}
    return {each.page: each.first_page + number} if each.page else {each.cursor: cursor}


def _next_cursor(answer: httpx.Response) -> str:
    """Return the cursor that a page gives for the next one; empty when it gives none."""
    body = json_or_none(answer)
    holders = [body, *(body.values() if isinstance(body, dict) else ())]
    for holder in holders:
        for name, value in holder.items() if isinstance(holder, dict) else ():
            is_plain = isinstance(value, str | int) and not isinstance(value, bool)
            if _NEXT_CURSOR.fullmatch(name) and is_plain and "/" not in str(value):
                return str(value)
    return ""


@pytest.mark.requirement("api.page-links-resolve")
@pytest.mark.needs("paging")
def test_links_to_the_next_page_lead_on_and_end(
    identified: httpx.Client, target: ScenarioContext, listings: Sequence[Listing]
) -> None:
    """A link to the next page is answered with another page, and following them comes to an end."""
    judged = 0
    for each in listings:
        visited = [str(httpx.URL(each.path).copy_merge_params({each.size: "1"}))]
        answer = ask(identified, "GET", visited[0])
        while answer is not None and answer.status_code == 200 and len(visited) <= _MOST_PAGES:
            address = next_of(answer)
            if not address:
                break
            onward = _on_target(target, str(answer.request.url), address)
            said = f"{each.operation.subject} links to {address}"
            assert onward not in visited, f"{said}, which was visited before: the pages never end"
            visited.append(onward)
            answer = ask(identified, "GET", onward)
            judged += 1
            if answer is None or answer.status_code == 429:
                break
            assert answer.status_code == 200, f"{said}, which answered {answer.status_code}"
    judged += sum(ends_by_cursor(identified, each) for each in listings if each.cursor)
    if not judged:
        raise Inconclusive("no-next-link", "No list names its next page by a link or a cursor.")


def ends_by_cursor(client: httpx.Client, each: Listing) -> bool:
    """Whether cursors were followed to their end: after a page without items no other page is named."""
    where: Mapping[str, object] = {}
    empty = 0
    for number in range(_MOST_PAGES):
        answer = each.ask(client, **({each.size: each.most} if each.most else {}), **where)
        items = _items(answer)
        if answer is None or items is None:
            return False
        following = _next_cursor(answer)
        if not following or says_it_ended(answer):
            return number > 0
        empty = 0 if items else empty + 1
        said = f"{each.operation.subject} gives {empty} pages without an item, and names another after each"
        assert empty < _EMPTY_PAGES, f"{said}: the pages never end"
        where = {each.cursor: following}
    return False


def says_it_ended(answer: httpx.Response) -> bool:
    """Whether a page says in so many words that none follows, whatever its cursor is for."""
    return any(_HAS_MORE.fullmatch(name) and value is False for name, value in members(json_or_none(answer)))


def _on_target(target: ScenarioContext, page: str, address: str) -> str:
    """Return the path and query of a link; one that leaves the origin is not followed."""
    whole = urlsplit(urljoin(page, address))
    base = urlsplit(target.base_url)
    is_ours = whole.hostname == base.hostname and (whole.port == base.port or whole.hostname in _LOCAL)
    if not is_ours:
        raise Inconclusive("link-leaves-origin", f"{address} is on another origin and is not followed.")
    local = whole.path.removeprefix(base.path.rstrip("/"))
    return f"{local}?{whole.query}" if whole.query else local
