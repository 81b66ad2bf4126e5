"""Everything the environment can say, read once and frozen."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SOCKET_PATH_LIMIT = 100  # the kernel's limit is 104 to 108 bytes


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)
    return value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """Settings of one process; every name is an environment variable with the prefix CORE_."""

    model_config = SettingsConfigDict(
        env_prefix="CORE_", env_nested_delimiter="__", frozen=True, env_ignore_empty=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    contact_email: str = "operators@example.org"
    data_dir: Path = Path("var")
    database_url: str = ""
    redis_url: str = ""
    brave_url: str = "https://api.search.brave.com"
    brave_token: SecretStr = SecretStr("")
    control: bool = False
    defects: CommaList = ()
    hardened: bool = True
    admin_email: str = ""
    admin_password: SecretStr = SecretStr("")
    rate_scale: float = Field(default=1.0, gt=0)
    services: dict[str, str] = Field(default_factory=dict)
    only: CommaList = ()
    webhook_allow: CommaList = ()
    webhook_secrets: CommaList = ()
    embedded_worker: bool = True
    hub_lease_seconds: float = Field(default=15.0, gt=0)
    hub_retry_seconds: float = Field(default=1.0, ge=0)
    access_token_seconds: int = Field(default=300, ge=1, le=900)
    trusted_proxies: CommaList = ()
    cors_origins: CommaList = ()
    body_limit: int = Field(default=1024 * 1024, ge=1024)
    drain_seconds: float = Field(default=10.0, ge=0)
    log_level: str = "INFO"

    @field_validator("public_url")
    @classmethod
    def _is_absolute(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("CORE_PUBLIC_URL must be an absolute http or https URL")
        return value.rstrip("/")

    @property
    def origin(self) -> str:
        """The URL that clients come by; without CORE_PUBLIC_URL the address that is bound."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def sqlalchemy_url(self) -> str:
        """The database with its async driver; the embedded file when none is named."""
        url = self.database_url or f"sqlite:///{self.data_dir.absolute() / 'core.sqlite3'}"
        for plain, driver in _DRIVERS.items():
            if url.startswith(plain):
                return driver + url.removeprefix(plain)
        return url

    @property
    def redis_is_embedded(self) -> bool:
        return not self.redis_url

    @property
    def redis_socket(self) -> Path:
        """Where the embedded server of this data directory listens; short even when the directory is deep."""
        wanted = self.data_dir.absolute() / "valkey" / "valkey.sock"
        if len(os.fsencode(wanted)) <= _SOCKET_PATH_LIMIT:
            return wanted
        name = hashlib.sha256(os.fsencode(self.data_dir.absolute())).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"core-{os.getuid()}-{name}" / "valkey.sock"


_DRIVERS = {
    "sqlite://": "sqlite+aiosqlite://",
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
}
