"""Every decision of the shop that is worth breaking, one method each; a defect replaces one."""

import hashlib
import ipaddress
import re
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from models import Customer, EndedFamily, Order, Product, RefreshToken

Claims = Mapping[str, Any]

LIFETIME = 900
LARGEST_PAGE = 100
_TRIES, _WINDOW = 8, 60.0
_REPORT = re.compile(r"[a-z]{1,20}\.txt")


class Rules:
    """The sound shop."""

    def __init__(self, reports: Path) -> None:
        self.reports = reports
        self.key = self.signing_key()
        self._failures: dict[str, list[float]] = {}

    # Who is calling.

    def signing_key(self) -> str:
        return secrets.token_hex(32)

    def new_token(self, customer: Customer, family: str) -> str:
        now = int(time.time())
        claims = {"sub": customer.id, "iss": "shop", "iat": now, "exp": now + LIFETIME, "fam": family}
        return jwt.encode({**claims, "role": customer.role}, self.key, "HS512")

    def read_token(self, token: str) -> Claims:
        """Return the claims; raises jwt.InvalidTokenError."""
        needed = {"require": ["exp", "sub", "fam"]}
        return jwt.decode(token, self.key, algorithms=["HS512"], issuer="shop", options=needed)

    def role(self, customer: Customer, claims: Claims) -> str:
        return customer.role

    def is_ended(self, claims: Claims) -> bool:
        return EndedFamily.objects.filter(family=claims["fam"]).exists()

    def reused(self, token: RefreshToken) -> bool:
        """End the whole family when a refresh token comes back."""
        if token.used:
            EndedFamily.objects.get_or_create(family=token.family)
        return token.used

    def is_open(self, method: str, path: str) -> bool:
        return False

    def is_staff_only(self, function: str) -> bool:
        return True

    def may_see(self, customer: Customer, order: Order) -> bool:
        return customer.role == "staff" or order.customer_id == customer.id

    def may_cancel(self, customer: Customer, order: Order) -> bool:
        return customer.role == "staff" or order.customer_id == customer.id

    def settable(self) -> frozenset[str]:
        return frozenset({"display_name"})

    def login_status(self, *, is_known: bool) -> int:
        return 401

    def is_throttled(self, email: str) -> bool:
        now = time.monotonic()
        self._failures[email] = [at for at in self._failures.get(email, []) if now - at < _WINDOW]
        return len(self._failures[email]) >= _TRIES

    def login_failed(self, email: str) -> None:
        self._failures.setdefault(email, []).append(time.monotonic())

    # What is shown.

    def account_out(self, customer: Customer) -> dict[str, object]:
        return {name: getattr(customer, name) for name in ("id", "email", "display_name", "role")}

    def product_out(self, product: Product) -> dict[str, object]:
        return {name: getattr(product, name) for name in ("id", "name", "cents", "stock", "picture")}

    def order_out(self, order: Order) -> dict[str, object]:
        values = {name: getattr(order, name) for name in ("id", "product_id", "quantity", "state")}
        return {**values, "total_cents": order.quantity * order.product.cents}

    def page_size(self, asked: int) -> int:
        return min(asked, LARGEST_PAGE)

    def offset(self, asked: int) -> int:
        return asked

    def find_products(self, words: str, order: str, limit: int, offset: int) -> Sequence[Product]:
        found = Product.objects.filter(hidden=False, name__icontains=words).order_by(order, "id")
        return list(found[offset : offset + limit])

    def search_words(self, text: str) -> str:
        return text.strip()

    def is_there(self, product: Product | None) -> bool:
        return product is not None and not product.hidden

    def report_path(self, name: str) -> Path | None:
        return self.reports / name if _REPORT.fullmatch(name) else None

    def invoice(self, customer: Customer, order: Order) -> str:
        lines = ["Invoice for {}", "{} x {}", "Total: {} cents"]
        values = [
            customer.display_name,
            order.quantity,
            order.product.name,
            order.quantity * order.product.cents,
        ]
        return "\n".join(lines).format(*values)

    # What may be written.

    def is_quantity(self, quantity: int) -> bool:
        return 1 <= quantity <= 100

    def is_in_stock(self, product: Product, quantity: int) -> bool:
        return product.stock >= quantity

    def take(self, product: Product, quantity: int) -> bool:
        """Take pieces from the stock; False, and nothing taken, when there are not enough."""
        if not self.is_in_stock(product, quantity):
            return False
        product.stock -= quantity
        product.save(update_fields=["stock"])
        return True

    def fingerprint(self, body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def remembered(self, customer: Customer, key: str) -> Order | None:
        """Return the order that a key made earlier."""
        return Order.objects.filter(customer=customer, key=key).first() if key else None

    def cancelled_status(self) -> int:
        return 200

    def may_fetch(self, url: str) -> bool:
        """Whether every address behind the URL is a public one."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return False
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 80)
        except (OSError, ValueError):
            return False
        return all(ipaddress.ip_address(item[4][0]).is_global for item in found)

    # How it is said.

    def error_body(self, detail: object) -> dict[str, object]:
        return {"detail": detail}

    def finish(self, request: HttpRequest, response: HttpResponse) -> None:
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = self.caching(request)
        if response.status_code == 401:
            self.challenge(response)
        if response.status_code == 405:
            self.allow(response)
        self.typing(request, response)
        self.cross_origin(request, response)

    def caching(self, request: HttpRequest) -> str:
        return "no-store" if "Authorization" in request.headers or request.method != "GET" else "no-cache"

    def challenge(self, response: HttpResponse) -> None:
        response["WWW-Authenticate"] = "Bearer"

    def allow(self, response: HttpResponse) -> None:
        """Django names the methods; nothing is to be done."""

    def typing(self, request: HttpRequest, response: HttpResponse) -> None:
        """Every view says what it sends."""

    def cross_origin(self, request: HttpRequest, response: HttpResponse) -> None:
        """No other origin has business here."""

    def extra_urls(self) -> list[URLPattern]:
        return []
