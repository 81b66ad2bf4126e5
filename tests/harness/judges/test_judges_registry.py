"""Every judge: passes on its good example, fails on its bad one naming the exchange, silent on nothing."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from harness.catalogue.rubric import load_rubric
from harness.core.errors import HarnessFault
from harness.core.exchange import Exchange, Protocol, Request, Response
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.core.requirement import EvidenceKind, SubjectKind
from harness.judges.judging import canary_failures, collect, judge_all, judges
from harness.judges.protocol import Judge, Recorded

NOTHING = Recorded(exchanges=(), operations=Operations(()), openapi=None, base_url="")
every_judge = pytest.mark.parametrize("judge", judges(), ids=lambda judge: judge.id)
REQUIREMENTS = MappingProxyType({item.id: item for item in load_rubric().requirements})


@every_judge
def test_it_passes_on_its_good_example(judge: Judge) -> None:
    found = list(judge.judge(judge.good))

    assert {item.requirement for item in found} == set(judge.requirements)
    assert {item.outcome for item in found} == {Outcome.PASS}


@every_judge
def test_it_fails_on_its_bad_example_and_names_the_evidence(judge: Judge) -> None:
    found = list(judge.judge(judge.bad))

    assert {item.requirement for item in found} == set(judge.requirements)
    assert {item.outcome for item in found} == {Outcome.FAIL}
    recorded = {item.id for item in judge.bad.exchanges}
    for item in found:
        assert item.reason
        assert item.expected
        assert item.seen
        assert (set(item.exchanges) & recorded) or not recorded


@every_judge
def test_it_is_silent_on_nothing(judge: Judge) -> None:
    assert list(judge.judge(NOTHING)) == []


@every_judge
def test_it_judges_requirements_of_the_catalogue_on_their_kind_of_subject(judge: Judge) -> None:
    for requirement in judge.requirements:
        subjects = {item.subject for item in judge.judge(judge.bad) if item.requirement == requirement}
        if REQUIREMENTS[requirement].subjects is SubjectKind.TARGET:
            assert subjects == {"target"}
        else:
            assert subjects == {"GET /items/{id}"}


@every_judge
def test_what_it_reads_in_texts_counts_as_document_evidence(judge: Judge) -> None:
    reads_exchanges = bool(judge.bad.exchanges)

    for requirement in judge.requirements:
        assert (REQUIREMENTS[requirement].evidence is EvidenceKind.BEHAVIOUR) is reads_exchanges


@every_judge
def test_it_says_the_same_whatever_order_the_exchanges_come_in(judge: Judge) -> None:
    both = (*judge.good.exchanges, *judge.bad.exchanges)
    numbered = [replace(item, id=f"fuzz-{number}") for number, item in enumerate(both, start=8)]
    record = replace(judge.bad, exchanges=numbered)

    assert judge_all(replace(record, exchanges=numbered[::-1]), among=[judge]) == judge_all(
        record, among=[judge]
    )


ODD_EXCHANGES = (
    Exchange(id="a", layer=Layer.FUZZ, request=Request(method="", target="")),
    Exchange(id="b", layer=Layer.FUZZ, request=Request(method="GET", target="/items/1"), gap="unparsed"),
    *(
        Exchange(
            id=f"fuzz-{number}",
            layer=Layer.FUZZ,
            protocol=protocol,
            request=Request(method=method, target="/items/1", body=body, body_is_base64=is_binary),
            response=Response(
                status=status,
                headers=(("content-type", media_type), ("retry-after", "soon"), ("content-encoding", "br")),
                body=body,
                body_is_base64=is_binary,
                is_truncated=is_binary,
            ),
        )
        for number, (protocol, method, status, media_type, body, is_binary) in enumerate(
            [
                (Protocol.HTTP, "GET", 500, "application/problem+json", "[1", False),
                (Protocol.HTTP, "GET", 503, "application/problem+json", "[" * 100_000, False),
                (Protocol.HTTP, "BREW", 418, "", None, False),
                (Protocol.HTTP, "HEAD", 405, "application/problem+json; charset", "not base64!", True),
                (Protocol.WEBSOCKET, "GET", 101, "", None, False),
                (Protocol.SSE, "GET", 200, "text/event-stream", "data: 1", False),
                (Protocol.HTTP, "GET", 999, "application/problem+json", "null", False),
                (Protocol.MCP, "POST", 400, "application/json", '{"jsonrpc": "2.0"}', False),
            ]
        )
    ),
)
ODD_DOCUMENTS: tuple[Any, ...] = (
    None,
    {},
    {"openapi": "3.1.0", "paths": []},
    {"openapi": "3.1.0", "paths": {"/items/{id}": None}},
    {"openapi": "3.0.3", "paths": {"/items/{id}": {"get": {"parameters": "all", "responses": 1}}}},
    {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {"parameters": [{"$ref": "#/nowhere/0"}, 1]}}}},
    {"swagger": "2.0"},
)


@every_judge
@pytest.mark.parametrize("document", ODD_DOCUMENTS)
def test_odd_evidence_does_not_break_it(judge: Judge, document: Any) -> None:
    record = Recorded(
        exchanges=ODD_EXCHANGES,
        operations=Operations([Operation(method="GET", path="/items/{id}")]),
        openapi=document,
        base_url="http://shop.example",
    )

    assert not [item for item in judge_all(record, among=[judge]) if item.outcome is Outcome.ERROR]


def test_there_are_no_canary_failures() -> None:
    assert canary_failures() == {}


def test_two_judges_of_one_id_are_refused() -> None:
    judge = judges()[0]

    with pytest.raises(HarnessFault, match=rf"judge {judge.id} is in one and in two"):
        collect({"one": judge, "two": judge})


def test_a_module_without_a_judge_is_refused() -> None:
    with pytest.raises(HarnessFault, match="forgetful exports no JUDGE"):
        collect({"forgetful": None})
