"""What the handlers of the shop share: the document, the rules, who is calling, which product is meant."""

import os
from typing import Any

import jwt
from configured import FOLDER  # it sets Django up, so it comes first

from defects import rules_with  # isort: skip
from django.http import HttpRequest  # isort: skip
from models import Customer, Product  # isort: skip
from ninja import NinjaAPI  # isort: skip
from ninja.errors import HttpError  # isort: skip
from ninja.security import HttpBearer  # isort: skip
from shapes import Problem, quantity_rule  # isort: skip

reports = FOLDER / "reports"
reports.mkdir()
(reports / "sales.txt").write_text("Sales of the week: 12\n", encoding="utf-8")
(reports / "stock.txt").write_text("Pieces in stock: 345\n", encoding="utf-8")
rules = rules_with(os.environ.get("FIELD_DEFECTS", ""))(reports)


class Signed(HttpBearer):
    """The caller, by a token that is signed, alive and of a sign-in that is not over."""

    def __call__(self, request: HttpRequest) -> Any:
        if rules.is_open(request.method or "", request.path):
            return Customer(id="", role="staff")
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Customer | None:
        try:
            claims = rules.read_token(token)
        except jwt.InvalidTokenError:
            return None
        customer = Customer.objects.filter(id=claims.get("sub", "")).first()
        if customer is None or rules.is_ended(claims):
            return None
        customer.role = rules.role(customer, claims)
        request.claims = claims  # type: ignore[attr-defined]
        return customer


signed = Signed()
quantity_rule.append(rules.is_quantity)
api = NinjaAPI(title="Shop", version="2.1", description="Products and orders.", docs_url=None)


def answers(success: Any, *failures: int, status: int = 200) -> dict[Any, Any]:
    """Return what an operation may answer with."""
    return {status: success, **dict.fromkeys((400, *failures, 422), Problem)}


def caller(request: HttpRequest, function: str = "") -> Customer:
    """Return who is calling; `function` names one that is for staff."""
    customer: Customer = request.auth  # type: ignore[attr-defined]
    if function and customer.role != "staff" and rules.is_staff_only(function):
        raise HttpError(403, "This is for staff.")
    return customer


def product_of(product_id: int) -> Product:
    """Return a product that is on offer."""
    product = Product.objects.filter(id=product_id).first() if product_id < 2**31 else None
    if product is None or not rules.is_there(product):
        raise HttpError(404, "There is no such product.")
    return product
