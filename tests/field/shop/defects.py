"""What can be wrong with the shop: each class breaks one decision; `catalogue.yaml` has the words."""

import traceback
from collections.abc import Sequence
from pathlib import Path

import jwt
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from models import Customer, Order, Product, RefreshToken
from rules import Claims, Rules
from switches import broken


class AlgorithmNone(Rules):
    id = "jwt-alg-none"

    def read_token(self, token: str) -> Claims:
        if jwt.get_unverified_header(token).get("alg", "").lower() == "none":
            return jwt.decode(token, options={"verify_signature": False})
        return super().read_token(token)


class SignatureUnchecked(Rules):
    id = "jwt-signature-unchecked"

    def read_token(self, token: str) -> Claims:
        return jwt.decode(token, options={"verify_signature": False, "verify_exp": True})


class ExpiryIgnored(Rules):
    id = "jwt-expiry-ignored"

    def read_token(self, token: str) -> Claims:
        return jwt.decode(token, self.key, algorithms=["HS512"], options={"verify_exp": False})


class WeakKey(Rules):
    id = "jwt-weak-key"

    def signing_key(self) -> str:
        return "changeme"


class RoleOfToken(Rules):
    id = "role-change-too-late"

    def role(self, customer: Customer, claims: Claims) -> str:
        return str(claims.get("role", "customer"))


class LogoutForgotten(Rules):
    id = "logout-keeps-token"

    def is_ended(self, claims: Claims) -> bool:
        return False


class ReuseUndetected(Rules):
    id = "refresh-reuse-undetected"

    def reused(self, token: RefreshToken) -> bool:
        return False


class OrderReadable(Rules):
    id = "bola-read"

    def may_see(self, customer: Customer, order: Order) -> bool:
        return True


class OrderCancellable(Rules):
    id = "bola-write"

    def may_cancel(self, customer: Customer, order: Order) -> bool:
        return True


class ReportsOpen(Rules):
    id = "authentication-missing"

    def is_open(self, method: str, path: str) -> bool:
        return method == "GET" and path == "/api/customers"


class PricesForAll(Rules):
    id = "bfla-by-verb"

    def is_staff_only(self, function: str) -> bool:
        return function not in {"change_product", "remove_product"}


class CustomersForAll(Rules):
    id = "bfla-by-path"

    def is_staff_only(self, function: str) -> bool:
        return function != "list_customers"


class RoleSettable(Rules):
    id = "mass-assignment"

    def settable(self) -> frozenset[str]:
        return frozenset({"display_name", "email", "role"})


class HashShown(Rules):
    id = "excessive-data"

    def account_out(self, customer: Customer) -> dict[str, object]:
        return {**super().account_out(customer), "password": customer.password}


class PageUncapped(Rules):
    id = "page-cap-missing"

    def page_size(self, asked: int) -> int:
        return asked


class OriginReflected(Rules):
    id = "cors-reflects-origin"

    def cross_origin(self, request: HttpRequest, response: HttpResponse) -> None:
        if origin := request.headers.get("Origin"):
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Credentials"] = "true"


class TraceShown(Rules):
    id = "stack-trace-in-errors"

    def error_body(self, detail: object) -> dict[str, object]:
        stack = "".join(traceback.format_stack()[-4:])
        return {
            "detail": detail,
            "exception": f"Traceback (most recent call last):\n{stack}RuntimeError: refused",
        }


class SearchCrashes(Rules):
    id = "server-error-on-odd-input"

    def search_words(self, text: str) -> str:
        if text and not text.isprintable():
            raise UnicodeError(text)
        return text.strip()


class AnythingFetched(Rules):
    id = "ssrf"

    def may_fetch(self, url: str) -> bool:
        return url.startswith(("http://", "https://"))


class SearchInjectable(Rules):
    id = "sql-injection"

    def find_products(self, words: str, order: str, limit: int, offset: int) -> Sequence[Product]:
        where = f"hidden = 0 AND name LIKE '%%{words}%%'"
        query = f"SELECT * FROM shop_product WHERE {where} ORDER BY id LIMIT {limit} OFFSET {offset}"
        return list(Product.objects.raw(query))


class ReportsEscape(Rules):
    id = "path-traversal"

    def report_path(self, name: str) -> Path | None:
        return None if "\0" in name else self.reports / name


class InvoiceFormatted(Rules):
    id = "template-injection"

    def invoice(self, customer: Customer, order: Order) -> str:
        lines = "{order.quantity} x {order.product.name}\nTotal: {cents} cents"
        template = f"Invoice for {customer.display_name}\n{lines}"
        return template.format(order=order, cents=order.quantity * order.product.cents, settings=settings)


class LoginTells(Rules):
    id = "login-enumeration"

    def login_status(self, *, is_known: bool) -> int:
        return 401 if is_known else 404


class LoginUnlimited(Rules):
    id = "login-unthrottled"

    def is_throttled(self, email: str) -> bool:
        return False


class EnvironmentOpen(Rules):
    id = "debug-endpoint-open"

    def extra_urls(self) -> list[URLPattern]:
        def environment(request: HttpRequest) -> HttpResponse:
            return JsonResponse(
                {"DEBUG": True, "SECRET_KEY": settings.SECRET_KEY, "DATABASES": str(settings.DATABASES)}
            )

        return [path("debug", environment), path("api/debug", environment)]


class OldVersionOpen(Rules):
    id = "old-version-open"

    def extra_urls(self) -> list[URLPattern]:
        def customers(request: HttpRequest) -> HttpResponse:
            return JsonResponse({"items": [self.account_out(item) for item in Customer.objects.all()]})

        return [path("api/v1/customers", customers), path("v1/customers", customers)]


class CentsAsText(Rules):
    id = "schema-violation"

    def order_out(self, order: Order) -> dict[str, object]:
        found = super().order_out(order)
        return {**found, "total_cents": f"{found['total_cents']}"}


class StateWidened(Rules):
    id = "enum-widened"

    def order_out(self, order: Order) -> dict[str, object]:
        found = super().order_out(order)
        return {**found, "state": "on-hold"} if order.quantity > 50 else found


class FieldGone(Rules):
    id = "response-field-removed"

    def product_out(self, product: Product) -> dict[str, object]:
        return {name: value for name, value in super().product_out(product).items() if name != "stock"}


class CancelAccepted(Rules):
    id = "success-status-moved"

    def cancelled_status(self) -> int:
        return 202


class ErrorsAsHtml(Rules):
    id = "wrong-content-type"

    def typing(self, request: HttpRequest, response: HttpResponse) -> None:
        if request.path == "/api/products" and request.method == "GET":
            response["Content-Type"] = "text/html; charset=utf-8"


class QuantityUnchecked(Rules):
    id = "invalid-accepted"

    def is_quantity(self, quantity: int) -> bool:
        return True


class HiddenStillRead(Rules):
    id = "use-after-delete"

    def is_there(self, product: Product | None) -> bool:
        return product is not None


class StockTakenAnyway(Rules):
    id = "failed-create-leaves-traces"

    def take(self, product: Product, quantity: int) -> bool:
        enough = product.stock >= quantity
        product.stock = max(0, product.stock - quantity)
        product.save(update_fields=["stock"])
        return enough


class AllowMissing(Rules):
    id = "allow-missing"

    def allow(self, response: HttpResponse) -> None:
        del response["Allow"]


class ChallengeMissing(Rules):
    id = "challenge-missing"

    def challenge(self, response: HttpResponse) -> None:
        """The client may guess."""


class PagesOverlap(Rules):
    id = "paging-repeats-row"

    def offset(self, asked: int) -> int:
        return max(0, asked - 1)


class KeyForgotten(Rules):
    id = "idempotency-key-ignored"

    def remembered(self, customer: Customer, key: str) -> Order | None:
        return None


class AnyBodySame(Rules):
    id = "idempotency-other-body-accepted"

    def fingerprint(self, body: bytes) -> str:
        return "any"


class PrivateCached(Rules):
    id = "private-data-cacheable"

    def caching(self, request: HttpRequest) -> str:
        return "public, max-age=600" if request.method == "GET" else super().caching(request)


def rules_with(names: str) -> type[Rules]:
    """Return the rules with the named defects in them."""
    return broken(Rules, Rules.__subclasses__(), names)
