"""Takes marks from a document that Schemathesis would read as said of more than their branch."""

from typing import Any

_BRANCHES = ("anyOf", "oneOf")
_MARKS = frozenset({"readOnly", "writeOnly"})


def without_branch_marks(node: Any) -> Any:
    """Return a copy without the read and write marks of single branches.

    They are annotations, and of branches only those that match annotate (JSON Schema 2020-12, core 7.7.1): a
    secret that is write-only may well be answered as null where the other branch is null.
    """
    if isinstance(node, list):
        return [without_branch_marks(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: [_unmarked(item) for item in value]
        if name in _BRANCHES and isinstance(value, list)
        else without_branch_marks(value)
        for name, value in node.items()
    }


def _unmarked(branch: Any) -> Any:
    kept = (
        {name: value for name, value in branch.items() if name not in _MARKS}
        if isinstance(branch, dict)
        else branch
    )
    return without_branch_marks(kept)
