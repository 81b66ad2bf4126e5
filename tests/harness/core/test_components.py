"""A schema brings along the components that it leads to, and no other."""

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
