"""A small steady load on the operations that matter most.

By hand: `locust -f scenarios/load/reference_smoke.py --host http://127.0.0.1:8000 --headless -u 10 -t 30s`.
Each user registers an account of its own, signs in, and then does one thing after another, at most
LOAD_RATE_PER_USER times a second (1 unless set). LOAD_WEBHOOK_URL is where hub messages are to go. The
limits that the harness holds the result against stand beside this file, in the TOML of the same name.
"""

import os
import secrets
from itertools import count

from locust import FastHttpUser, SequentialTaskSet, constant_throughput, task
from locust.exception import StopUser

_RATE = float(os.environ.get("LOAD_RATE_PER_USER", "1"))
_WEBHOOK = os.environ.get("LOAD_WEBHOOK_URL", "https://receiver.example.com/hooks")
_DOCUMENTS = "query Mine { documents(first: 10) { edges { node { id title } } pageInfo { hasNextPage } } }"
_searches = count(1)


class Round(SequentialTaskSet):
    """The five operations in turn, so that each is measured as often as the others."""

    user: "CoreUser"

    @task
    def login(self) -> None:
        """Sign in again, as a second session."""
        self.client.post("/auth/login", json=self.user.account, name="login")

    @task
    def write_to_the_hub(self) -> None:
        """Hand the hub a message to deliver."""
        message = {"channel": "webhook", "to": _WEBHOOK, "text": "load", "priority": "LOW", "max_attempts": 1}
        self.client.post("/api/hub/messages", json=message, headers=self.user.headers, name="hub write")

    @task
    def search(self) -> None:
        """Search for something that no cache holds."""
        path = f"/api/search/web?q=load%20{next(_searches)}"
        self.client.get(path, headers=self.user.headers, name="search")

    @task
    def list_documents(self) -> None:
        """Ask GraphQL for one's documents; an error in a 200 is an error."""
        with self.client.post(
            "/graphql",
            json={"query": _DOCUMENTS},
            headers=self.user.headers,
            name="graphql",
            catch_response=True,
        ) as answer:
            if answer.status_code == 200 and "errors" in answer.json():
                answer.failure(f"GraphQL errors: {answer.text[:200]}")

    @task
    def read_breaker_status(self) -> None:
        """Look how the circuit breakers are."""
        self.client.get("/api/circuit-breakers/status", headers=self.user.headers, name="breaker status")


class CoreUser(FastHttpUser):
    """One person with an account."""

    tasks = [Round]  # noqa: RUF012 - Locust reads the attribute so
    wait_time = constant_throughput(_RATE)
    connection_timeout = 10.0
    network_timeout = 10.0
    headers: dict[str, str]
    account: dict[str, str]

    def on_start(self) -> None:
        """Register and sign in; without an account there is nothing to measure."""
        self.account = {
            "email": f"load-{secrets.token_hex(8)}@example.org",
            "password": secrets.token_urlsafe(24),
        }
        self.client.post("/auth/register", json=self.account, name="(register)")
        with self.client.post(
            "/auth/login", json=self.account, name="(first login)", catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"cannot sign in: {answer.status_code}")
                raise StopUser
            self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
