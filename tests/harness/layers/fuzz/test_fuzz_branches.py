"""What a document says of one branch is not held against a value of another."""

from harness.layers.fuzz.branches import without_branch_marks


def test_a_mark_of_one_branch_is_taken_away_at_any_depth() -> None:
    secret = {"anyOf": [{"type": "string", "writeOnly": True}, {"type": "null"}]}
    nested = {"oneOf": [{"type": "object", "properties": {"key": secret}, "readOnly": True}]}

    assert without_branch_marks({"schemas": [nested]}) == {
        "schemas": [
            {
                "oneOf": [
                    {
                        "type": "object",
                        "properties": {"key": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                    }
                ]
            }
        ]
    }


def test_a_mark_of_the_member_itself_stays() -> None:
    member = {"type": "string", "writeOnly": True}

    assert without_branch_marks({"password": member}) == {"password": member}
