"""The seeded defect of the MCP servers is wrong where it says so, and counted only there."""

from pathlib import Path

from tests.reference.mcp.test_mcp_http import Session
from tests.reference.serving import Serving, serving


def counts(served: Serving) -> tuple[bool, int, int]:
    (state,) = served.client.get("/_control/defects").json()["defects"]
    return state["applied"], state["reached"], state["triggered"]


def test_a_call_without_permission_counts_when_it_is_carried_out(tmp_path: Path) -> None:
    with serving(tmp_path, defects=("mcp-permission-on-list-only",)) as served:
        session = Session(served, "nothing")
        hidden = session.ask("tools/list")["result"]["tools"]
        session.call_tool("web_search", {"nonsense": 1})
        refused = counts(served)
        Session(served, "alice").call_tool("web_search", {"query": "mine"})
        rightful = counts(served)

        result = session.call_tool("web_search", {"query": "not mine"})["result"]

        assert hidden == []
        assert result["isError"] is False
        assert (refused, rightful, counts(served)) == ((True, 1, 0), (True, 2, 0), (True, 3, 1))
