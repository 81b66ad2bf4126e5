"""Starts the shop on a port."""

import argparse

import waitress
from storefront import fill  # it sets Django up, so it comes first

from django.core.wsgi import get_wsgi_application  # isort: skip

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    fill()
    waitress.serve(get_wsgi_application(), host="127.0.0.1", port=port, threads=8)
