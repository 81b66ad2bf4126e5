"""What the shop keeps."""

import secrets

from django.db import models


def new_id() -> str:
    """Return an id that nobody guesses."""
    return secrets.token_hex(8)


class Customer(models.Model):
    """Somebody with an account; staff are customers, too."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id)
    email = models.CharField(max_length=120, unique=True)
    password = models.CharField(max_length=200)
    display_name = models.CharField(max_length=80)
    role = models.CharField(max_length=10, default="customer")

    class Meta:
        app_label = "shop"


class RefreshToken(models.Model):
    """One of a family; used ones are kept, so that reuse is noticed."""

    token = models.CharField(primary_key=True, max_length=64)
    family = models.CharField(max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    used = models.BooleanField(default=False)

    class Meta:
        app_label = "shop"


class EndedFamily(models.Model):
    """A sign-in that is over."""

    family = models.CharField(primary_key=True, max_length=16)

    class Meta:
        app_label = "shop"


class Product(models.Model):
    """Something to buy."""

    name = models.CharField(max_length=120)
    cents = models.IntegerField()
    stock = models.IntegerField()
    picture = models.CharField(max_length=500, default="")
    hidden = models.BooleanField(default=False)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    """What a customer bought."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.IntegerField()
    state = models.CharField(max_length=10, default="placed")
    key = models.CharField(max_length=100, default="")
    fingerprint = models.CharField(max_length=64, default="")

    class Meta:
        app_label = "shop"


ALL = (Customer, RefreshToken, EndedFamily, Product, Order)
