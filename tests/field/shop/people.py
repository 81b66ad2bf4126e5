"""Accounts of the shop: opening one, signing in, rotating refresh tokens, and what a customer may change."""

import json
import secrets
from typing import Any

from counter import answers, api, caller, rules, signed  # it sets Django up, so it comes first

from django.contrib.auth.hashers import check_password, make_password  # isort: skip
from django.http import HttpRequest, JsonResponse  # isort: skip
from models import Customer, EndedFamily, RefreshToken, new_id  # isort: skip
from ninja import Query, Status  # isort: skip
from ninja.errors import HttpError  # isort: skip
from rules import LIFETIME  # isort: skip
from shapes import AccountIn, AccountOut, Accounts, LoginIn, Page, RefreshIn, RegisterIn, TokensOut  # isort: skip

_NO_HASH = make_password("nobody has this password")


def tokens(customer: Customer, family: str) -> dict[str, object]:
    """Return a pair of tokens of one sign-in."""
    refresh = RefreshToken.objects.create(token=secrets.token_urlsafe(32), family=family, customer=customer)
    access = rules.new_token(customer, family)
    return {
        "access_token": access,
        "refresh_token": refresh.token,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
    }


@api.post("/auth/register", response=answers(AccountOut, 409, status=201))
def register(request: HttpRequest, body: RegisterIn) -> Any:
    """Open an account."""
    if Customer.objects.filter(email=body.email).exists():
        raise HttpError(409, "That address has an account.")
    made = Customer.objects.create(
        email=body.email, password=make_password(body.password), display_name=body.display_name
    )
    return Status(201, rules.account_out(made))


@api.post("/auth/token", response=answers(TokensOut, 401, 404, 429))
def login(request: HttpRequest, body: LoginIn) -> Any:
    """Sign in."""
    if rules.is_throttled(body.email):
        raise HttpError(429, "Too many tries.")
    customer = Customer.objects.filter(email=body.email).first()
    if not check_password(body.password, customer.password if customer else _NO_HASH) or customer is None:
        rules.login_failed(body.email)
        raise HttpError(rules.login_status(is_known=customer is not None), "E-mail or password is wrong.")
    return tokens(customer, new_id())


@api.post("/auth/refresh", response=answers(TokensOut, 401))
def refresh(request: HttpRequest, body: RefreshIn) -> Any:
    """Trade a refresh token for a new pair; each works once."""
    token = RefreshToken.objects.select_related("customer").filter(token=body.refresh_token).first()
    if token is None or rules.reused(token) or EndedFamily.objects.filter(family=token.family).exists():
        raise HttpError(401, "That refresh token is not valid.")
    token.used = True
    token.save()
    return tokens(token.customer, token.family)


@api.post("/auth/logout", auth=signed, response=answers(None, 401, status=204))
def logout(request: HttpRequest) -> Any:
    """End this sign-in."""
    EndedFamily.objects.get_or_create(family=request.claims["fam"])  # type: ignore[attr-defined]
    return Status(204, None)


@api.get("/account", auth=signed, response=answers(AccountOut, 401))
def read_account(request: HttpRequest) -> Any:
    """Who am I."""
    return JsonResponse(rules.account_out(caller(request)))


@api.patch("/account", auth=signed, response=answers(AccountOut, 401))
def change_account(request: HttpRequest, body: AccountIn) -> Any:
    """Change my name."""
    customer = caller(request)
    for name, value in json.loads(request.body).items():  # `body` has lost what its schema does not name
        if name in rules.settable() and isinstance(value, str) and len(value) <= 80:
            setattr(customer, name, value)
    customer.save()
    return JsonResponse(rules.account_out(customer))


@api.get("/customers", auth=signed, response=answers(Accounts, 401, 403))
def list_customers(request: HttpRequest, query: Query[Page]) -> Any:
    """All accounts."""
    caller(request, "list_customers")
    start, size = rules.offset(query.offset), rules.page_size(query.limit)
    found = Customer.objects.order_by("email")[start : start + size]
    return JsonResponse(
        {"items": [rules.account_out(item) for item in found], "count": Customer.objects.count()}
    )
