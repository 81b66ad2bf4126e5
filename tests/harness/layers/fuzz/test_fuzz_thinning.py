"""Cases that are much alike are sent first and then ever fewer, the same ones every time."""

from harness.core.layer import Depth
from harness.layers.fuzz.thinning import Thinning
from harness.layers.fuzz.tool import openapi_efforts


def _kept(kind: str, count: int, thinning: Thinning) -> list[int]:
    return [number for number in range(count) if thinning.keeps(kind, number)]


def test_an_ordinary_body_is_sent_in_full() -> None:
    assert len(_kept("wrong types", 30, Thinning())) == 30


def test_of_a_thousand_alike_the_last_ones_are_reached_too() -> None:
    kept = _kept("wrong types", 1000, Thinning())

    assert kept[:30] == list(range(30))
    assert 40 < len(kept) < 60
    assert kept[-1] > 800


def test_kinds_are_counted_apart() -> None:
    thinning = Thinning()
    _kept("wrong types", 1000, thinning)

    assert len(_kept("missing members", 5, thinning)) == 5


def test_of_one_description_three_are_enough() -> None:
    thinning = Thinning()

    assert [thinning.keeps("wrong types", "limit: a text") for _ in range(5)] == [True] * 3 + [False] * 2


def test_only_the_deepest_run_sends_everything() -> None:
    thinned = {depth: openapi_efforts(depth, 600.0, operations=20)[0].is_thinned for depth in Depth}

    assert thinned == {Depth.QUICK: True, Depth.STANDARD: True, Depth.FULL: False}


def test_a_small_document_is_fuzzed_for_seconds_and_a_large_one_for_no_more_than_it_takes() -> None:
    drawn = {
        number: openapi_efforts(Depth.STANDARD, 600.0, operations=number)[1].seconds
        for number in (4, 50, 500)
    }

    assert drawn == {4: 6, 50: 7, 500: 25}
