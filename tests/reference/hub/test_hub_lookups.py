"""Names are looked up once for all who wait, and a name that nobody answers for holds nobody up twice."""

import asyncio
from collections.abc import Sequence

import pytest

from reference_impl.hub.addresses import LookupFailed
from reference_impl.hub.lookups import SharedLookups
from reference_impl.kit.clock import ManualClock


class Names:
    """A resolver that counts what it is asked and answers when it is told to."""

    def __init__(self, *answers: Sequence[str] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        await self.may_answer.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_those_who_wait_for_the_same_name_share_one_look_up() -> None:
    names = Names(("192.0.2.1",))
    lookups = SharedLookups(names, clock=ManualClock())

    waiting = [asyncio.create_task(lookups("a.example", 443)) for _ in range(5)]
    await asyncio.sleep(0)
    names.may_answer.set()

    assert set(await asyncio.gather(*waiting)) == {("192.0.2.1",)}
    assert names.asked == ["a.example"]


async def test_a_name_that_is_known_is_looked_up_again_each_time() -> None:
    names = Names(("192.0.2.1",), ("192.0.2.2",))
    names.may_answer.set()
    lookups = SharedLookups(names, clock=ManualClock())

    assert [await lookups("a.example", 443), await lookups("a.example", 443)] == [
        ("192.0.2.1",),
        ("192.0.2.2",),
    ]


async def test_a_name_that_nobody_answered_for_is_left_alone_for_a_while() -> None:
    clock = ManualClock()
    names = Names(LookupFailed(), ("192.0.2.1",))
    names.may_answer.set()
    lookups = SharedLookups(names, clock=clock, pause=30)
    for _ in range(3):
        with pytest.raises(LookupFailed):
            await lookups("a.example", 443)
    assert names.asked == ["a.example"]

    clock.advance(31)

    assert await lookups("a.example", 443) == ("192.0.2.1",)


async def test_a_resolver_that_takes_too_long_counts_as_one_that_did_not_answer() -> None:
    names = Names()
    lookups = SharedLookups(names, clock=ManualClock(), seconds=0.0)

    with pytest.raises(LookupFailed):
        await lookups("a.example", 443)
    with pytest.raises(LookupFailed):
        await lookups("a.example", 443)

    assert names.asked == ["a.example"]


async def test_one_silent_name_says_nothing_about_another() -> None:
    names = Names(LookupFailed(), ("192.0.2.2",))
    names.may_answer.set()
    lookups = SharedLookups(names, clock=ManualClock())
    with pytest.raises(LookupFailed):
        await lookups("silent.example", 443)

    assert await lookups("other.example", 443) == ("192.0.2.2",)


async def test_somebody_who_gives_up_takes_the_answer_from_nobody_else() -> None:
    names = Names(("192.0.2.1",))
    lookups = SharedLookups(names, clock=ManualClock())
    leaves, stays = (asyncio.create_task(lookups("a.example", 443)) for _ in range(2))
    await asyncio.sleep(0)

    leaves.cancel()
    await asyncio.sleep(0)
    names.may_answer.set()

    assert await stays == ("192.0.2.1",)


async def test_only_so_many_silent_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_impl.hub.lookups._MOST", 2)
    names = Names(*(LookupFailed() for _ in range(4)))
    names.may_answer.set()
    lookups = SharedLookups(names, clock=ManualClock())

    for host in ("one.example", "two.example", "three.example", "one.example"):
        with pytest.raises(LookupFailed):
            await lookups(host, 443)

    assert names.asked == ["one.example", "two.example", "three.example", "one.example"]
