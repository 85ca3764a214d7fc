"""The checks of a request; each raises Complaint with what is wrong."""

import json
import re
from collections.abc import Collection, Mapping

from aiohttp import web

from tests.services.service import CLOCK_SKEW_S, Complaint


def headers(request: web.Request, expected: Mapping[str, str | Collection[str]]) -> None:
    """Demand each header exactly once, with its value or one of its values."""
    for name, value in expected.items():
        allowed = [value] if isinstance(value, str) else list(value)
        found = request.headers.getall(name, [])
        if len(found) != 1 or found[0] not in allowed:
            raise Complaint(f"header {name}: {found} instead of one of {allowed}")


def absent(request: web.Request, *names: str) -> None:
    """Demand that none of the headers is sent."""
    for name in names:
        if name in request.headers:
            raise Complaint(f"header {name} does not belong here")


def cookies(request: web.Request, expected: Mapping[str, str]) -> None:
    """Demand each of these cookies."""
    for name, value in expected.items():
        if request.cookies.get(name) != value:
            raise Complaint(f"cookie {name} is missing or another one")


def query(request: web.Request, *names: str) -> None:
    """Demand exactly these query parameters, each once."""
    if sorted(request.query.keys()) != sorted(names):
        raise Complaint(f"query {request.query_string!r} instead of {names}")


async def no_body(request: web.Request) -> None:
    """Demand a request without a body."""
    if await request.read():
        raise Complaint("unexpected body")


async def form(request: web.Request, *names: str) -> dict[str, str]:
    """Read a form of exactly these fields, each once."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Complaint(f"content type {request.content_type} instead of a form")
    fields = await request.post()
    if sorted(fields.keys()) != sorted(names):
        raise Complaint(f"fields {sorted(fields.keys())} instead of {sorted(names)}")
    return {name: str(value) for name, value in fields.items()}


async def document(request: web.Request, *keys: str) -> dict[str, object]:
    """Read a JSON object of exactly these keys."""
    if request.content_type != "application/json":
        raise Complaint(f"content type {request.content_type} instead of JSON")
    found: object = json.loads(await request.read())
    if not isinstance(found, dict):
        raise Complaint("not a JSON object")
    exact_keys(found, *keys)
    return found


def exact_keys(found: Mapping[str, object], *keys: str) -> None:
    """Demand exactly these keys."""
    if sorted(found) != sorted(keys):
        raise Complaint(f"keys {sorted(found)} instead of {sorted(keys)}")


def equal(name: str, found: object, *allowed: object) -> None:
    """Demand one of the values, of the same type: 1 is not true, "0" is not 0."""
    if not any(type(found) is type(value) and found == value for value in allowed):
        raise Complaint(f"{name}: {found!r} instead of {' or '.join(map(repr, allowed))}")


def text(name: str, found: object) -> str:
    """Demand a text that is not blank."""
    if not isinstance(found, str) or not found.strip():
        raise Complaint(f"{name}: blank or no text: {found!r}")
    return found


def shape(name: str, found: object, pattern: str) -> str:
    """Demand a text of this form."""
    if not isinstance(found, str) or not re.fullmatch(pattern, found):
        raise Complaint(f"{name}: {found!r} is not of the form {pattern}")
    return found


def current(name: str, found: object, *, now: float) -> int:
    """Demand the present time in whole Unix seconds."""
    if not re.fullmatch(r"\d+", str(found)) or abs(int(str(found)) - now) > CLOCK_SKEW_S:
        raise Complaint(f"{name}: {found!r} is not the present second {now:.0f}")
    return int(str(found))


class Once:
    """Values that must be new each time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._seen: set[str] = set()

    def new(self, value: str) -> None:
        """Demand a value that was never used."""
        if value in self._seen:
            raise Complaint(f"{self.name}: {value!r} was used before")
        self._seen.add(value)
