"""What the load layer's canary drives: one path, several times a second."""

from locust import FastHttpUser, constant_throughput, task


class CanaryUser(FastHttpUser):
    """Asks for the one thing that is slow in the bad variant."""

    wait_time = constant_throughput(5)

    @task
    def ask(self) -> None:
        """Ask."""
        self.client.get("/slow", name="slow")
