"""Starts Kinto with two accounts in it, made by its own API before anybody is let in."""

import json
import sys

import waitress
import webob
from pyramid.paster import get_app

PEOPLE = {"alice": "alices-password-1", "bob": "bobs-password-12"}


def main(port: int) -> None:
    """Make the accounts, then serve."""
    app = get_app("kinto.ini", options={"http_port": str(port)})
    for name, password in PEOPLE.items():
        request = webob.Request.blank(f"/v1/accounts/{name}", method="PUT", content_type="application/json")
        request.body = json.dumps({"data": {"password": password}}).encode()
        answer = request.get_response(app)
        if answer.status_int != 201:
            sys.exit(f"{name} has no account: {answer.status} {answer.text}")
    waitress.serve(app, host="127.0.0.1", port=port, threads=8)


if __name__ == "__main__":
    main(int(sys.argv[1]))
