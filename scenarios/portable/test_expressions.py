"""A caller's text stays a text: no server evaluates it as an expression of its own language (CWE-95).

Judged as templates are: a product comes back of which only the factors were sent. Where an answer shows
nothing of the text, a search does: two halves of a word, put together by an operator, find what the word
finds, in the other order what is not there, and with an operator that puts nothing together they do not.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of, members, skeleton
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.reads import Read, ask
from harness.layers.scenarios.trying import Tried
from harness.target.surface import Place, Slot, resources

pytestmark = pytest.mark.depth("standard")

#: Where a text may stand in a line of Python, JavaScript, Ruby, PHP, SpEL or OGNL: alone, or between quotes.
_PRODUCTS = ("%s", "q7'+(%s)+'", 'q7"+(%s)+"', "q7'+str(%s)+'", "q7'+(%s).to_s+'", "q7'.(%s).'", 'q7".(%s)."')
#: Two halves of a word as such a line puts them together; the operator stands for %s.
_JOINED = ("'{a}'%s'{b}'", '"{a}"%s"{b}"', "{a}'%s'{b}", '{a}"%s"{b}')
_JOINING = ("+", ".")
#: The same signs for whoever drops or splits at them; for an interpreter no way to make one text of two.
_NOT_JOINING = ("-", "=")
#: Whose purpose it is to compute is no injection.
_MEANT_TO = re.compile(r"(?i)expr|formula|calc|equation|math")
_WORD = re.compile(r"[A-Za-z]{4,}")
_MOST_WORDS = 5


@pytest.fixture
def words(
    *,
    readable: tuple[Read, ...],
    identified: httpx.Client,
    operations: tuple[Operation, ...],
    maker: Maker,
) -> Sequence[str]:
    """Words that a search may find: of what this caller reads, and with consent of what was made for it."""
    answers = (ask(identified, "GET", read.path) for read in readable)
    bodies = [body_of(answer) for answer in answers if answer is not None]
    if maker.target.may_write:
        made = (maker.make(each, identified) for each in maker.pace.some(resources(operations)))
        bodies = [*(each.shown for each in made if each is not None), *bodies]
    return list(dict.fromkeys(words_in(bodies)))[:_MOST_WORDS]


def words_in(bodies: Iterable[object]) -> Iterator[str]:
    """Yield the longer words of the texts in JSON values."""
    for body in bodies:
        for name, value in members(body):
            if isinstance(value, str) and not name.lower().endswith(("id", "token", "url")):
                yield from _WORD.findall(value)[:2]


@pytest.mark.requirement("security.expressions-not-evaluated")
@pytest.mark.needs("text-input")
def test_a_text_is_no_expression(tried: Tried, words: Sequence[str]) -> None:
    """No product comes back of factors that stand in a text, and no search is for the value of its words."""
    for slot in tried.each(is_plain_text):
        for form in _PRODUCTS:
            is_product = all(computes(tried, slot, form) for _ in range(2))
            assert not is_product, f"{slot.words}: {form % 'A*B'!r} comes back as its product"
        if slot.place is Place.QUERY:
            check_search(tried, slot, next((word for word in words if finds(tried, slot, word)), ""))


def check_search(tried: Tried, slot: Slot, word: str) -> None:
    """No expression that makes the word of two halves finds what the word finds."""
    for form in _JOINED if word else ():
        for operator in _JOINING:
            joins = all(evaluates(tried, slot, form, operator, halves) for halves in splits(word))
            said = f"{slot.words}: {filled(form, operator, next(splits(word)))!r}"
            assert not joins, f"{said} finds what {word!r} finds, as if it were computed"


def is_plain_text(slot: Slot) -> bool:
    """Whether it takes a text that is not meant to be computed."""
    return slot.is_text and _MEANT_TO.search(slot.name) is None


def computes(tried: Tried, slot: Slot, form: str) -> bool:
    """Whether the answer holds the product of two random factors that the request does not hold."""
    one, other = (100_003 + secrets.randbelow(800_000) for _ in range(2))
    return str(one * other) in tried.slots.ask(slot, form % f"{one}*{other}").text


def splits(word: str) -> Iterator[tuple[str, str]]:
    """Yield two ways to cut a word."""
    yield word[:2], word[2:]
    yield word[:-1], word[-1:]


def filled(form: str, operator: str, halves: tuple[str, str]) -> str:
    """Return the expression that puts two halves together."""
    return (form % operator).format(a=halves[0], b=halves[1])


def finds(tried: Tried, slot: Slot, word: str) -> bool:
    """Whether a word is answered otherwise than its halves the other way round, and steadily."""
    shows = shower(tried, slot, word)
    hit = shows(word)
    return all(hit != shows(second + first) for first, second in splits(word)) and hit == shows(word)


def evaluates(tried: Tried, slot: Slot, form: str, operator: str, halves: tuple[str, str]) -> bool:
    """Whether joined halves are answered as the word, swapped ones as no word, and unjoined ones not so."""
    first, second = halves
    shows = shower(tried, slot, first + second)
    hit = shows(first + second)
    if shows(filled(form, operator, halves)) != hit:
        return False
    if shows(filled(form, operator, (second, first))) != shows(second + first):
        return False
    return all(shows(filled(form, inert, halves)) != hit for inert in _NOT_JOINING)


def shower(tried: Tried, slot: Slot, word: str) -> Callable[[str], str]:
    """Return what shows an answer without the words that were asked with."""
    return lambda value: skeleton(tried.slots.ask(slot, value), value, word)
