"""Passwords: which are refused, that none is cut, and that hashing never holds the loop up."""

import asyncio
import re
import statistics
import time
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.auth.errors import HashingBusy
from reference_impl.auth.passwords import Argon2Pool, OfflineRules, common_passwords, fold
from reference_impl.auth.schemas import RegisterIn
from reference_impl.auth.tables import users

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RULES = OfflineRules()


def register(running: Any, email: str, password: str) -> Any:
    return running.client.post("/auth/register", json={"email": email, "password": password})


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "passwordpassword",
        "PASSWORD password",
        "qwertyuiopasdfgh",
        "123456789012345",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "grace.hopper@example.org",
        "gracehopper core-harness",
    ],
)
def test_password_that_anybody_would_try_is_refused_with_a_reason(running: Any, password: str) -> None:
    answer = register(running, "grace.hopper@example.org", password)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/password"


def test_long_lower_case_phrase_needs_no_digit_or_sign() -> None:
    assert RULES.objection("nine green bottles on a wall", "reader@example.org") is None


@pytest.mark.parametrize("length", [64, 128, 1024])
def test_long_password_is_taken_whole_so_its_last_character_matters(running: Any, length: int) -> None:
    phrase = ("blauwe ßträuße über die Brücke, 日本語 и ещё " * 30)[: length - 1]
    email = f"long{length}@example.org"
    register(running, email, phrase + "a")

    assert running.login(email, phrase + "a").status_code == 200
    assert running.login(email, phrase + "b").status_code == 401


def test_password_works_however_the_keyboard_composes_its_characters(running: Any) -> None:
    register(running, "composed@example.org", "caf\u00e9 au lait et croissant")

    assert running.login("composed@example.org", "cafe\u0301 au lait et croissant").status_code == 200


def test_list_of_common_passwords_holds_only_what_the_length_rule_lets_through() -> None:
    assert len(common_passwords()) > 1000
    assert all(len(word) >= 15 and word == fold(word) for word in common_passwords())


@given(st.sampled_from(sorted(common_passwords())), st.data())
def test_case_and_spaces_do_not_hide_a_common_password(word: str, data: st.DataObject) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(word), max_size=len(word)))
    disguised = "".join(
        f"{letter.upper() if flag else letter} " for letter, flag in zip(word, upper, strict=True)
    )

    assert RULES.objection(disguised, "reader@example.org") is not None


def test_store_holds_only_salted_argon2id_hashes_of_the_asked_cost(running: Any) -> None:
    for name in ("twin1", "twin2"):
        register(running, f"{name}@example.org", "the same phrase for two")

    async def hashes() -> list[str]:
        async with running.app.kit.database.connect() as connection:
            chosen = sa.select(users.c.password_hash).where(users.c.email.like("twin%"))
            return list(await connection.scalars(chosen))

    first, second = running.client.portal.call(hashes)
    parameters = extract_parameters(first)

    assert first != second
    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)


async def test_full_queue_is_refused_at_once_and_frees_itself() -> None:
    pool = Argon2Pool(slots=1, queue=2, hasher=CHEAP)

    answers = await asyncio.gather(*(pool.hash("some phrase") for _ in range(10)), return_exceptions=True)
    later = await pool.matches(pool.nobody, "some phrase")
    pool.close()

    assert sum(isinstance(answer, HashingBusy) for answer in answers) == 7
    assert later is False


async def test_loop_goes_on_while_passwords_are_hashed() -> None:
    pool = Argon2Pool(slots=1)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await pool.hash("nine green bottles on a wall")
    ticking.cancel()
    pool.close()

    assert ticks > 10


def test_unknown_address_costs_the_same_hashing_as_a_known_one(running: Any) -> None:
    """Medians of interleaved tries; the bound is wide because the machine is shared, the work is equal."""
    known = running.state("a registered user")["email"]
    seconds: dict[str, list[float]] = {known: [], "nobody.here@example.org": []}
    for _ in range(12):
        for email, measured in seconds.items():
            began = time.perf_counter()
            running.login(email, "wrong password entirely")
            measured.append(time.perf_counter() - began)
    medians = [statistics.median(measured) for measured in seconds.values()]

    assert max(medians) < 2 * min(medians)


@given(st.text(alphabet="aAb\n ", min_size=15, max_size=30))
def test_schema_and_rules_agree_on_what_repeats_a_few_characters(password: str) -> None:
    few = RegisterIn.model_json_schema()["properties"]["password"]["not"]["pattern"]
    few = few.removesuffix("$") + r"\Z"  # JSON Schema's $ is the very end; Python's is not

    refused = RULES.objection(password, "reader@example.org") == "it repeats the same few characters"

    assert refused == bool(re.search(few, password))
