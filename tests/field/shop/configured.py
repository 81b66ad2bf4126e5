"""Sets Django up: to be imported before anything that has a model in it."""

import secrets
import tempfile
from pathlib import Path

import django
from django.conf import settings

FOLDER = Path(tempfile.mkdtemp(prefix="shop-"))
settings.configure(
    DEBUG=False,
    SECRET_KEY=secrets.token_hex(32),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF="storefront",
    APPEND_SLASH=False,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "storefront.finishing"],
    INSTALLED_APPS=[],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.ScryptPasswordHasher"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "shop.sqlite",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL",
            },
        }
    },
)
django.setup()
