"""A shop: Django and Django Ninja (OpenAPI 3.1), JSON Web Tokens with rotating refresh tokens, SQLite."""

import os
import urllib.request
from collections.abc import Callable
from typing import Annotated, Any

import people  # noqa: F401 - its handlers add themselves to the document
from counter import answers, api, caller, product_of, rules, signed  # it sets Django up, so it comes first

from django.contrib.auth.hashers import make_password  # isort: skip
from django.db import connection, transaction  # isort: skip
from django.http import HttpRequest, HttpResponse, JsonResponse  # isort: skip
from django.urls import path  # isort: skip
from models import ALL, Customer, Order, Product  # isort: skip
from ninja import Header, Query, Status  # isort: skip
from ninja.errors import AuthenticationError, HttpError, ValidationError  # isort: skip
from shapes import (  # isort: skip
    Health,
    OrderIn,
    OrderOut,
    Orders,
    Page,
    PictureIn,
    ProductIn,
    ProductOut,
    ProductPatch,
    ProductQuery,
    Products,
)


@api.get("/products", response=answers(Products))
def list_products(request: HttpRequest, query: Query[ProductQuery]) -> Any:
    """What is on offer."""
    words = rules.search_words(query.search)
    found = rules.find_products(words, query.order, rules.page_size(query.limit), rules.offset(query.offset))
    count = Product.objects.filter(hidden=False, name__icontains=words).count()
    return JsonResponse({"items": [rules.product_out(item) for item in found], "count": count})


@api.post("/products", auth=signed, response=answers(ProductOut, 401, 403, status=201))
def create_product(request: HttpRequest, body: ProductIn) -> Any:
    """Offer something."""
    caller(request, "create_product")
    made = Product.objects.create(**body.model_dump())
    return JsonResponse(rules.product_out(made), status=201, headers={"Location": f"/api/products/{made.id}"})


@api.get("/products/{int:product_id}", response=answers(ProductOut, 404))
def read_product(request: HttpRequest, product_id: int) -> Any:
    """One product."""
    return JsonResponse(rules.product_out(product_of(product_id)))


@api.patch("/products/{int:product_id}", auth=signed, response=answers(ProductOut, 401, 403, 404))
def change_product(request: HttpRequest, product_id: int, body: ProductPatch) -> Any:
    """Change a product."""
    caller(request, "change_product")
    product = product_of(product_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(product, name, value)
    product.save()
    return JsonResponse(rules.product_out(product))


@api.delete("/products/{int:product_id}", auth=signed, response=answers(None, 401, 403, 404, status=204))
def remove_product(request: HttpRequest, product_id: int) -> Any:
    """Take a product off the offer."""
    caller(request, "remove_product")
    product = product_of(product_id)
    product.hidden = True
    product.save()
    return Status(204, None)


@api.post("/products/{int:product_id}/picture", auth=signed, response=answers(ProductOut, 401, 403, 404))
def fetch_picture(request: HttpRequest, product_id: int, body: PictureIn) -> Any:
    """Take over a picture from elsewhere."""
    caller(request, "fetch_picture")
    product = product_of(product_id)
    if not rules.may_fetch(body.url):
        raise HttpError(422, "That address may not be fetched.")
    try:
        with _OPENER.open(body.url, timeout=3) as answer:
            answer.read(100_000)
    except (OSError, ValueError):
        raise HttpError(422, "There is no picture.") from None
    product.picture = body.url
    product.save()
    return JsonResponse(rules.product_out(product))


@api.get("/orders", auth=signed, response=answers(Orders, 401))
def list_orders(request: HttpRequest, query: Query[Page]) -> Any:
    """My orders."""
    start, size = rules.offset(query.offset), rules.page_size(query.limit)
    mine = Order.objects.filter(customer_id=caller(request).id).select_related("product").order_by("id")
    return JsonResponse(
        {"items": [rules.order_out(item) for item in mine[start : start + size]], "count": mine.count()}
    )


@api.post("/orders", auth=signed, response=answers(OrderOut, 401, 404, 409, status=201))
@transaction.atomic
def place_order(
    request: HttpRequest,
    body: OrderIn,
    idempotency_key: Annotated[str, Header("", alias="Idempotency-Key", max_length=100)] = "",
) -> Any:
    """Buy something."""
    customer, mark = caller(request), rules.fingerprint(request.body)
    if earlier := rules.remembered(customer, idempotency_key):
        if earlier.fingerprint != mark:
            raise HttpError(422, "That Idempotency-Key was used with another body.")
        return JsonResponse(rules.order_out(earlier), status=201)
    product = product_of(body.product_id)
    if not rules.take(product, body.quantity):
        raise HttpError(409, "There are not that many.")
    made = Order.objects.create(
        customer=customer, product=product, quantity=body.quantity, key=idempotency_key, fingerprint=mark
    )
    return JsonResponse(rules.order_out(made), status=201, headers={"Location": f"/api/orders/{made.id}"})


@api.get("/orders/{order_id}", auth=signed, response=answers(OrderOut, 401, 404))
def read_order(request: HttpRequest, order_id: str) -> Any:
    """One order."""
    order = Order.objects.select_related("product").filter(id=order_id).first()
    if order is None or not rules.may_see(caller(request), order):
        raise HttpError(404, "There is no such order.")
    return JsonResponse(rules.order_out(order))


@api.post("/orders/{order_id}/cancel", auth=signed, response=answers(OrderOut, 401, 404, 409))
def cancel_order(request: HttpRequest, order_id: str) -> Any:
    """Take an order back."""
    order = Order.objects.select_related("product").filter(id=order_id).first()
    if order is None or not rules.may_cancel(caller(request), order):
        raise HttpError(404, "There is no such order.")
    if order.state == "cancelled":
        raise HttpError(409, "It is cancelled already.")
    order.state = "cancelled"
    order.save()
    return JsonResponse(rules.order_out(order), status=rules.cancelled_status())


@api.get(
    "/orders/{order_id}/invoice",
    auth=signed,
    response=answers(None, 401, 404),
    openapi_extra={
        "responses": {
            200: {"description": "The invoice", "content": {"text/plain": {"schema": {"type": "string"}}}}
        }
    },
)
def read_invoice(request: HttpRequest, order_id: str) -> Any:
    """An order's invoice as text."""
    customer, order = caller(request), Order.objects.select_related("product").filter(id=order_id).first()
    if order is None or not rules.may_see(customer, order):
        raise HttpError(404, "There is no such order.")
    return HttpResponse(rules.invoice(customer, order), content_type="text/plain; charset=utf-8")


@api.get(
    "/reports",
    auth=signed,
    response=answers(None, 401, 403, 404),
    openapi_extra={
        "responses": {
            200: {"description": "The report", "content": {"text/plain": {"schema": {"type": "string"}}}}
        }
    },
)
def read_report(
    request: HttpRequest, name: Annotated[str, Query(max_length=100, example="sales.txt")]
) -> Any:
    """A report by its file name."""
    caller(request, "read_report")
    found = rules.report_path(name)
    if found is None or not found.is_file():
        raise HttpError(404, "There is no such report.")
    return HttpResponse(found.read_bytes(), content_type="text/plain; charset=utf-8")


@api.get("/health", response={200: Health})
def health(request: HttpRequest) -> Any:
    """Whether the shop works."""
    Product.objects.exists()
    return {"status": "ok"}


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Say why in one shape."""
    answer = JsonResponse(rules.error_body(str(error)), status=error.status_code)
    if error.status_code == 429:
        answer["Retry-After"] = "60"
    return answer


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say what is wrong with the input."""
    places = [{"loc": list(item["loc"]), "msg": item["msg"]} for item in error.errors]
    return JsonResponse(rules.error_body(places), status=422)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Say that a token is needed."""
    return JsonResponse(rules.error_body("A valid access token is needed."), status=401)


@api.exception_handler(Exception)
def crashed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Say nothing about what happened inside."""
    return JsonResponse(rules.error_body("Something went wrong."), status=500)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for a path that leads nowhere."""
    return JsonResponse(rules.error_body("Not found."), status=404)


def finishing(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give every answer its headers."""

    def respond(request: HttpRequest) -> HttpResponse:
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = get_response(request)
        if response.status_code == 405:
            allowed = response["Allow"].replace("GET", "GET, HEAD")
            response = JsonResponse(
                rules.error_body("That method is not allowed."), status=405, headers={"Allow": allowed}
            )
        if is_head:
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        rules.finish(request, response)
        return response

    return respond


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that was allowed must not lead to one that is not."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
urlpatterns = [path("api/", api.urls), *rules.extra_urls()]
handler404 = not_found


def fill() -> None:
    """Make the tables, the first products and one member of staff."""
    with connection.schema_editor() as editor:
        for model in ALL:
            editor.create_model(model)
    for name, cents in (("Teapot", 2499), ("Cup", 899), ("Kettle", 3999), ("Spoon", 199), ("Tray", 1599)):
        Product.objects.create(name=name, cents=cents, stock=1000)
    row = {"email": os.environ["STAFF_EMAIL"], "password": make_password(os.environ["STAFF_PASSWORD"])}
    Customer.objects.create(**row, display_name="Staff", role="staff")
    connection.close()
