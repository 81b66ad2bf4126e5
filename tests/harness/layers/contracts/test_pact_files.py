"""Pact files, read; and copies of them."""

import json
from pathlib import Path

import pytest

from harness.core.errors import UsageProblem
from harness.layers.contracts.copies import write_broken, write_copies, write_shuffled
from harness.layers.contracts.pacts import Kind, read_pact, read_pacts
from harness.layers.contracts.requests_as_messages import as_message, undeclared_query, write_message_pact

V4 = {
    "consumer": {"name": "shop"},
    "provider": {"name": "orders"},
    "interactions": [
        {
            "type": "Synchronous/HTTP",
            "description": "reads an order",
            "providerStates": [{"name": "a user"}, {"name": "an order", "params": {"lines": 2}}],
            "request": {"method": "get", "path": "/orders/7", "query": {"full": ["true"]}},
            "response": {
                "status": 200,
                "headers": {"Content-Type": ["application/json; charset=utf-8"]},
                "body": {
                    "content": {"id": "7", "total": 3},
                    "contentType": "application/json",
                    "encoded": False,
                },
                "matchingRules": {"body": {"$.id": {"matchers": [{"match": "type"}]}}},
            },
        },
        {
            "type": "Asynchronous/Messages",
            "description": "order.placed",
            "contents": {"content": {"id": "7"}, "contentType": "application/json", "encoded": False},
        },
    ],
    "metadata": {"pactSpecification": {"version": "4.0"}},
}
V3 = {
    "consumer": {"name": "old"},
    "provider": {"name": "orders"},
    "interactions": [
        {
            "description": "asks",
            "providerState": "awake",
            "request": {"method": "GET", "path": "/", "query": "a=1&b=2"},
            "response": {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "yes"},
        }
    ],
    "metadata": {"pactSpecification": {"version": "3.0.0"}},
}


def _write(folder: Path, name: str, document: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_an_interaction_has_a_canonical_name_with_its_states(tmp_path: Path) -> None:
    pact = read_pact(_write(tmp_path, "a.json", V4))

    assert [item.subject for item in pact.interactions] == [
        "shop: reads an order (a user and an order)",
        "shop: order.placed",
    ]
    assert [item.kind for item in pact.interactions] == [Kind.HTTP, Kind.MESSAGE]


def test_bodies_and_media_types_are_read_from_both_versions(tmp_path: Path) -> None:
    new, old = (
        read_pact(_write(tmp_path, "a.json", V4)).interactions[0],
        read_pact(_write(tmp_path, "b.json", V3)).interactions[0],
    )

    assert (new.response.body, new.response.media_type) == ({"id": "7", "total": 3}, "application/json")
    assert (old.response.body, old.response.media_type, old.states) == ("yes", "text/plain", ("awake",))
    assert (dict(new.query), dict(old.query)) == ({"full": "true"}, {"a": "1", "b": "2"})


def test_a_file_that_is_no_pact_is_refused_by_name(tmp_path: Path) -> None:
    _write(tmp_path, "odd.json", {"interactions": []})

    with pytest.raises(UsageProblem, match=r"odd\.json"):
        read_pacts(str(tmp_path))


def test_copies_hold_only_what_is_kept(tmp_path: Path) -> None:
    pact = read_pact(_write(tmp_path, "a.json", V4))

    (copy,) = write_copies([pact], tmp_path / "copies", keep=lambda item: item.kind is Kind.MESSAGE)

    assert [item.description for item in read_pact(copy).interactions] == ["order.placed"]
    assert write_copies([pact], tmp_path / "none", keep=lambda _item: False) == ()


def test_a_shuffled_copy_holds_the_same_interactions_in_an_order_of_the_seed(tmp_path: Path) -> None:
    many = {**V4, "interactions": [{**V4["interactions"][0], "description": f"n{n}"} for n in range(12)]}
    pact = read_pact(_write(tmp_path, "a.json", many))

    def order(seed: int) -> list[str]:
        (copy,) = write_shuffled([pact], tmp_path / f"s{seed}", keep=lambda _item: True, seed=seed)
        return [item.description for item in read_pact(copy).interactions]

    assert order(1) == order(1)
    assert order(1) != [f"n{n}" for n in range(12)]
    assert sorted(order(1)) == sorted(f"n{n}" for n in range(12))


def test_a_broken_copy_asks_for_a_member_under_another_name(tmp_path: Path) -> None:
    pact = read_pact(_write(tmp_path, "a.json", V4))

    broken = write_broken([pact], tmp_path / "broken", among=lambda _item: True)

    assert broken is not None
    response = json.loads(broken.path.read_text(encoding="utf-8"))["interactions"][0]["response"]
    assert set(response["body"]["content"]) == {"renamed_id", "total"}
    assert response["matchingRules"]["body"] == {}


def test_without_a_json_object_there_is_nothing_to_break(tmp_path: Path) -> None:
    pact = read_pact(_write(tmp_path, "b.json", V3))

    assert write_broken([pact], tmp_path / "broken", among=lambda _item: True) is None


def test_a_request_becomes_a_message_with_its_rules_moved(tmp_path: Path) -> None:
    request = {
        "method": "POST",
        "path": "/hooks",
        "query": {"q": ["x"]},
        "headers": {"X-Id": ["1"]},
        "body": {"content": {"a": 1}, "contentType": "application/json", "encoded": False},
        "matchingRules": {
            "path": {"matchers": [{"match": "regex", "regex": "^/.*$"}]},
            "query": {"q": {"matchers": [{"match": "type"}]}},
            "header": {"X-Id": {"matchers": [{"match": "type"}]}},
            "body": {"$.a": {"matchers": [{"match": "integer"}]}},
        },
    }
    record = {
        "type": "Synchronous/HTTP",
        "description": "calls",
        "request": request,
        "response": {"status": 200},
    }
    pact = read_pact(_write(tmp_path, "c.json", {**V4, "interactions": [record]}))

    message = json.loads(
        write_message_pact(pact, pact.interactions, tmp_path / "m.json").read_text(encoding="utf-8")
    )

    (interaction,) = message["interactions"]
    assert interaction["contents"]["content"] == {
        "method": "POST",
        "path": "/hooks",
        "query": {"q": "x"},
        "headers": {"x-id": "1", "content-type": "application/json"},
        "body": {"a": 1},
    }
    assert set(interaction["matchingRules"]["body"]) == {
        "$.path",
        "$.query['q']",
        "$.headers['x-id']",
        "$.body.a",
    }


def test_a_recorded_request_is_offered_in_the_same_shape() -> None:
    recorded = {
        "method": "GET",
        "path": "/x",
        "query": {"q": ["1"], "odd": ["2"]},
        "headers": {"X-Id": "1"},
        "body": "{}",
    }

    assert as_message(recorded, has_body=False) == {
        "method": "GET",
        "path": "/x",
        "query": {"q": "1", "odd": "2"},
        "headers": {"x-id": "1"},
    }


def test_query_parameters_that_no_contract_knows_are_named(tmp_path: Path) -> None:
    interaction = read_pact(_write(tmp_path, "a.json", V4)).interactions[0]

    assert undeclared_query({"query": {"full": ["true"], "odd": ["1"]}}, interaction) == ("odd",)
