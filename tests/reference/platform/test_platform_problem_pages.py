"""The type of a problem leads to a page that explains it."""

import httpx
from starlette.testclient import TestClient


def test_the_type_of_a_refusal_leads_to_its_explanation(client: TestClient) -> None:
    refusal = client.get("/nowhere").json()

    page = client.get(httpx.URL(refusal["type"]).path)

    assert page.status_code == 200
    assert refusal["title"] in page.text
    assert "404" in page.text


def test_a_type_that_no_problem_has_is_not_explained(client: TestClient) -> None:
    assert client.get("/problems/no-such-type").status_code == 404
