"""A caller's text stays a text: no interpreter behind the target acts on it.

Judged by what an answer shows, never by its status: two texts that differ only for an interpreter are
answered differently, or a product comes back of which only the factors were sent. The parameters of reads are
tried on any target; members of bodies only where the owner consented to writes.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from harness.layers.scenarios.trying import Tried
from harness.target.surface import Place, Slot

pytestmark = pytest.mark.depth("standard")

_DATABASE_ERRORS = re.compile(
    r"SQLSTATE\[|ORA-\d{5}|syntax error at or near|You have an error in your SQL syntax|SQLite3?::|sqlite3\."
    r"|near \"[^\"]*\": syntax error|unrecognized token: |unterminated quoted string|Unclosed quotation mark"
    r"|psycopg2?\.errors|org\.postgresql\.util|com\.mysql\.|PG::SyntaxError|SQL syntax.*MariaDB"
)
#: How databases are told to wait for N seconds, out of a text in quotes.
_WAITS = (
    "'||pg_sleep(N)||'",
    "';SELECT pg_sleep(N)--",
    "' OR SLEEP(N)-- -",
    "' AND (SELECT 1 FROM (SELECT SLEEP(N))x)-- -",
    "';WAITFOR DELAY '0:0:N'--",
    "'||DBMS_PIPE.RECEIVE_MESSAGE('q',N)||'",
)
_FILE_SIGNS = re.compile(r"^root:[^:\n]*:0:0:|^\[(fonts|extensions|mci extensions)\]", re.MULTILINE)
_FILES = (
    "../../../../../../../../etc/passwd",
    "....//....//....//....//....//....//etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "file:///etc/passwd",
    "..\\..\\..\\..\\..\\..\\windows\\win.ini",
)


@pytest.mark.requirement("security.sql-not-injectable")
def test_a_text_is_no_condition(tried: Tried) -> None:
    """Two conditions of the same words, one true and one false, are answered alike; no database complains."""
    for slot in tried.each():
        check_conditions(tried, slot)
        if slot.is_text:
            check_complaint(tried, slot)


@pytest.mark.requirement("security.sql-not-injectable")
@pytest.mark.depth("full")
def test_a_text_makes_no_database_wait(tried: Tried) -> None:
    """No statement in a text makes the answer wait as long as it says."""
    for slot in tried.each(lambda slot: slot.is_text and slot.place is not Place.BODY):
        for form in _WAITS:
            assert not waits(tried, slot, form), (
                f"{slot.words}: {form!r} makes the answer wait as long as it says"
            )


def waits(tried: Tried, slot: Slot, form: str) -> bool:
    """Whether answers take as long as they are told, and no longer when told nothing, again and again."""
    for seconds in (0, 1, 2, 0, 2, 1):
        started = time.perf_counter()
        tried.slots.ask(slot, f"zq7{form.replace('N', str(seconds))}")
        took = time.perf_counter() - started
        if not seconds <= took < seconds + 0.8:
            return False
    return True


def check_conditions(tried: Tried, slot: Slot) -> None:
    """True and false differ only in the order of their words: nothing but a database tells them apart."""
    if slot.place is Place.BODY:
        return  # a condition that is always true has no business in somebody's write
    usual = "987654321" if not slot.is_text else "zq7"
    for true, false in conditions(usual, is_text=slot.is_text):
        answers = [(tried.show(slot, true(a, b)), tried.show(slot, false(a, b))) for a, b in _PAIRS[:1]]
        if answers[0][0] == answers[0][1]:
            continue
        answers += [(tried.show(slot, true(a, b)), tried.show(slot, false(a, b))) for a, b in _PAIRS]
        is_steady = len({yes for yes, _ in answers}) == 1 and len({no for _, no in answers}) == 1
        assert not is_steady, (
            f"{slot.words}: {true(*_PAIRS[0])!r} and {false(*_PAIRS[0])!r} are answered differently each time"
        )


_PAIRS = ((11, 12), (21, 34), (5, 81))
Condition = Callable[[int, int], str]


def conditions(usual: str, *, is_text: bool) -> Iterator[tuple[Condition, Condition]]:
    """Yield a true and a false condition for each way in which a text may stand in a statement."""
    if not is_text:
        yield (lambda a, b: f"{usual} OR {a}<{b}"), (lambda a, b: f"{usual} OR {b}<{a}")
        return
    for quote in ("'", '"'):
        for close, open_ in (("", ""), (")", "(")):
            yield (
                lambda a, b, q=quote, c=close, o=open_: f"{usual}{q}{c} OR {o}{q}{a}{q}<{q}{b}",
                lambda a, b, q=quote, c=close, o=open_: f"{usual}{q}{c} OR {o}{q}{b}{q}<{q}{a}",
            )


def check_complaint(tried: Tried, slot: Slot) -> None:
    """An unpaired quote is answered without a database's own words."""
    usual = tried.slots.usual(slot)
    if _DATABASE_ERRORS.search(tried.slots.ask(slot, usual).text):
        return
    answer = tried.slots.ask(slot, f"{usual}'\"")
    found = _DATABASE_ERRORS.search(answer.text)
    assert found is None, f"{slot.words}: an unpaired quote is answered with {found[0] if found else ''!r}"


@pytest.mark.requirement("security.templates-not-injectable")
def test_a_text_is_no_template(tried: Tried) -> None:
    """An expression in a template's marks comes back as it is or not at all, never as its value."""
    marks = ("{{%s}}", "${%s}", "#{%s}", "<%%= %s %%>", "{%s}", "@(%s)", "[[${%s}]]")
    check_products(tried, marks, "an expression in a template's marks")


@pytest.mark.requirement("security.commands-not-injectable")
def test_a_text_is_no_command(tried: Tried) -> None:
    """Nothing that a shell would compute from a text comes back."""
    forms = (";echo $((%s))", "|echo $((%s))", "$(echo $((%s)))", "`echo $((%s))`", "'; echo $((%s)) #")
    check_products(tried, forms, "a command for a shell")


def check_products(tried: Tried, forms: Sequence[str], what: str) -> None:
    """Only who computes can answer with the product of two factors; it has to be right twice."""
    for slot in tried.each(lambda slot: slot.is_text):
        for form in forms:
            if computes(tried, slot, form) and computes(tried, slot, form):
                raise AssertionError(f"{slot.words}: {what}, {form % 'A*B'}, comes back as its product")


def computes(tried: Tried, slot: Slot, form: str) -> bool:
    """Whether the answer holds the product of two random factors that the request does not hold."""
    one, other = (100_003 + secrets.randbelow(800_000) for _ in range(2))
    text = tried.slots.ask(slot, "q7" + form % f"{one}*{other}").text
    return str(one * other) in text


@pytest.mark.requirement("security.paths-not-traversable")
def test_a_text_is_no_path_out_of_its_folder(tried: Tried) -> None:
    """No spelling of a path to a file that every machine has is answered with its content."""
    for slot in tried.each(lambda slot: slot.is_text):
        for path in _FILES:
            answer = tried.slots.ask(slot, path)
            found = _FILE_SIGNS.search(answer.text)
            assert found is None, f"{slot.words}: {path!r} is answered with the content of a system file"


@pytest.mark.requirement("security.headers-not-injectable")
def test_a_text_is_no_header(tried: Tried) -> None:
    """A line break in a text makes no header of what follows it."""
    for slot in tried.each(lambda slot: slot.is_text):
        token = secrets.token_hex(4)
        answer = tried.slots.ask(slot, f"q7\r\nX-Harness-{token}: 1")
        assert f"x-harness-{token}" not in answer.headers, (
            f"{slot.words}: a line break in the value is answered with a header of the caller's"
        )


@pytest.mark.requirement("security.html-escaped")
def test_a_text_is_no_markup(tried: Tried) -> None:
    """Markup in a text comes back escaped wherever the answer is HTML."""
    for slot in tried.each(lambda slot: slot.is_text):
        markup = f"<harness-{secrets.token_hex(4)}>"
        answer = tried.slots.ask(slot, f"q7\"'>{markup}")
        is_html = answer.headers.get("content-type", "").startswith(("text/html", "application/xhtml"))
        assert not (is_html and markup in answer.text), (
            f"{slot.words}: markup in the value comes back unescaped in {answer.headers['content-type']}"
        )
