"""What can go wrong with the upstream; no caller ever sees these, they lead to a fallback.

UpstreamFailed
├── UpstreamUnreachable   no answer, an answer too late, or a 5xx
├── UpstreamNonsense      an answer that is not what the contract says
├── UpstreamRefused       the upstream does not accept our request or token
├── QuotaSpent            429; carries how long to wait
└── UpstreamGuarded       the breaker lets no call through
"""


class UpstreamFailed(Exception):
    """Base of all; `reason` is a stable word for the caller."""

    reason = "upstream-failed"


class UpstreamUnreachable(UpstreamFailed):
    reason = "upstream-unreachable"


class UpstreamNonsense(UpstreamFailed):
    reason = "upstream-nonsense"


class UpstreamRefused(UpstreamFailed):
    reason = "upstream-refused"


class QuotaSpent(UpstreamFailed):
    reason = "quota-spent"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the upstream asks us to wait {seconds:g} s")
        self.seconds = seconds


class UpstreamGuarded(UpstreamFailed):
    reason = "circuit-open"
