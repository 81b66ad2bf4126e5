"""What goes in and out of the shop, as its document describes it."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict, WithJsonSchema
from rules import LARGEST_PAGE

quantity_rule: list[Callable[[int], bool]] = []


def checked_quantity(value: int) -> int:
    """Refuse what nobody orders."""
    if not all(rule(value) for rule in quantity_rule):
        raise ValueError("1 to 100 pieces")
    return value


_QUANTITY = WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100, "example": 2})
Email = Annotated[str, Field(pattern=r"^[^@\s]{1,60}@[^@\s]{1,59}$", examples=["ada@example.org"])]
Password = Annotated[str, Field(min_length=12, max_length=128, examples=["correct horse battery"])]


class Problem(Schema):
    """Why it was refused."""

    detail: str | list[Any]


class RegisterIn(Schema):
    """A new account."""

    email: Email
    password: Password
    display_name: str = Field("", max_length=80)


class LoginIn(Schema):
    """Who signs in."""

    email: Email
    password: Password


class TokensOut(Schema):
    """What signing in gives."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class RefreshIn(Schema):
    """The last refresh token."""

    refresh_token: str = Field(min_length=1, max_length=100)


class AccountOut(Schema):
    """An account."""

    id: str
    email: str
    display_name: str
    role: Literal["customer", "staff"]


class AccountIn(Schema):
    """What a customer may change."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    display_name: str = Field(min_length=1, max_length=80, examples=["Ada"])


class ProductIn(Schema):
    """Something to sell."""

    name: str = Field(min_length=1, max_length=120, examples=["Teapot"])
    cents: int = Field(ge=1, le=10_000_000, examples=[1999])
    stock: int = Field(ge=0, le=100_000, examples=[10])


class ProductPatch(Schema):
    """What changes of it."""

    name: str | None = Field(None, min_length=1, max_length=120)
    cents: int | None = Field(None, ge=1, le=10_000_000)
    stock: int | None = Field(None, ge=0, le=100_000)


class ProductOut(Schema):
    """A product."""

    id: int
    name: str
    cents: int = Field(ge=1)
    stock: int = Field(ge=0)
    picture: str


class OrderIn(Schema):
    """What to buy."""

    product_id: int = Field(ge=1, le=2**31, examples=[1])
    quantity: Annotated[int, AfterValidator(checked_quantity), _QUANTITY]


class OrderOut(Schema):
    """An order."""

    id: str
    product_id: int
    quantity: int = Field(ge=1)
    state: Literal["placed", "cancelled"]
    total_cents: int = Field(ge=1)


class PictureIn(Schema):
    """Where the picture is."""

    url: str = Field(
        min_length=8,
        max_length=500,
        json_schema_extra={"format": "uri"},
        examples=["https://img.example/1.png"],
    )


class Page(Schema):
    """Which part of a list."""

    limit: int = Field(20, ge=1, le=10_000, description="More than 100 are never given.")
    offset: int = Field(0, ge=0, le=1_000_000)


class ProductQuery(Page):
    """What to look for."""

    search: str = Field("", max_length=80)
    order: Literal["name", "cents", "-cents"] = "name"


class Products(Schema):
    """Some products."""

    items: list[ProductOut] = Field(max_length=LARGEST_PAGE)
    count: int


class Orders(Schema):
    """Some orders."""

    items: list[OrderOut] = Field(max_length=LARGEST_PAGE)
    count: int


class Accounts(Schema):
    """Some accounts."""

    items: list[AccountOut] = Field(max_length=LARGEST_PAGE)
    count: int


class Health(Schema):
    """The state of the service."""

    status: Literal["ok"]
