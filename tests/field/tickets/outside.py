"""Calls webhooks."""

import urllib.request


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that was allowed must not lead to one that is not."""

    def redirect_request(self, *_: object) -> None:
        return None


def send_event(url: str) -> int:
    """Send a test event; return the status of the answer."""
    opener = urllib.request.build_opener(_NoRedirect)
    event = urllib.request.Request(
        url, data=b'{"event": "test"}', headers={"Content-Type": "application/json"}
    )
    with opener.open(event, timeout=3) as answer:
        return int(answer.status)
