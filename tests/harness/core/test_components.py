"""A schema brings along the components that it leads to, and no other."""

import pytest

from harness.core.components import components_for

COMPONENTS = {
    "schemas": {
        "Page": {"properties": {"items": {"items": {"$ref": "#/components/schemas/Item"}}}},
        "Item": {"properties": {"parent": {"$ref": "#/components/schemas/Item/properties/id"}, "id": {}}},
        "Page[Item]": {"type": "array"},
        "Other": {"type": "object"},
    },
    "parameters": {"limit": {}},
}


def test_what_is_referred_to_comes_along_over_any_number_of_steps() -> None:
    found = components_for({"$ref": "#/components/schemas/Page"}, COMPONENTS)

    assert found == {"schemas": {name: COMPONENTS["schemas"][name] for name in ("Page", "Item")}}


def test_an_escaped_name_is_found() -> None:
    found = components_for({"$ref": "#/components/schemas/Page%5BItem%5D"}, COMPONENTS)

    assert found == {"schemas": {"Page[Item]": {"type": "array"}}}


def test_what_leads_nowhere_brings_nothing() -> None:
    found = components_for(
        {"allOf": [{"$ref": "#/components/schemas/Lost"}, {"$ref": "#/paths/x"}]}, COMPONENTS
    )

    assert found == {"schemas": {}}


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("a~1b", "a/b"),
        ("a~0b", "a~b"),
        ("a~01b", "a~1b"),
        ("a%2fb", "a/b"),
        ("a%2Fb", "a/b"),
        ("%C3%A4", "ä"),
        ("%ff", "\N{REPLACEMENT CHARACTER}"),
        ("XXaXX", "XXaXX"),
    ],
)
def test_a_name_is_read_as_a_step_of_a_pointer_in_an_address(reference: str, name: str) -> None:
    components = {"schemas": {name: {"type": "string"}, "other": {}}}

    for rest in ("", "/properties/id"):
        found = components_for({"$ref": f"#/components/schemas/{reference}{rest}"}, components)
        assert found == {"schemas": {name: {"type": "string"}}}


def test_components_of_every_kind_come_along() -> None:
    schema = {"a": [{"$ref": "#/components/parameters/limit"}], "b": {"$ref": "#/components/schemas/Other"}}

    assert components_for(schema, COMPONENTS) == {
        "parameters": {"limit": {}},
        "schemas": {"Other": {"type": "object"}},
    }
