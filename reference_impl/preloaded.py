"""Imports what a process of the reference imports sooner or later, so that one may do it and be forked."""

from importlib import import_module

#: Ours, and what frameworks import when they are first used.
MODULES = (
    "reference_impl.every_service",
    "reference_impl.process",
    "pydantic.v1",
    "anyio._backends._asyncio",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)

for _name in MODULES:
    import_module(_name)
