"""What a response that is no answer means: status, headers and error body as a ProviderError.

    401, 403     SignInFailed     (with a bot-protection page: Blocked)
    407          NoConnection     the proxy wants a password
    413          TooLong          and 400, 422 where the reason speaks of the context's length
    429          RateLimited
    other        ServiceFailed    (where the reason speaks of content policy: Refused)

Sources: seed services' protocol, 6.3; error bodies of OpenAI, Azure, OpenRouter, Anthropic, Gemini, vLLM, llama.cpp.
"""

import asyncio
import html
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime

import aiohttp

from providers.base import Clock
from providers.errors import (
    Blocked,
    NoConnection,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TooLong,
)

MAX_ERROR_BODY = 256 * 1024  # bytes
ERROR_BODY_TIMEOUT = 3  # seconds; without the body the status says enough

_KINDS = {  # what error objects say in words, as HTTP statuses
    "invalid_api_key": 401,
    "authentication_error": 401,
    "UNAUTHENTICATED": 401,
    "permission_error": 403,
    "PERMISSION_DENIED": 403,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "RESOURCE_EXHAUSTED": 429,
    "api_error": 500,
    "server_error": 500,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "overloaded_error": 529,
}
_REASON_KEYS = ("error", "message", "detail", "msg", "error_description", "title")
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
_HTML = re.compile(r"\s*<(!doctype|!--|html|head|body|title|div|script)\b", re.IGNORECASE)
_CHALLENGE = re.compile(
    r"just a moment\.\.\.|attention required! \| cloudflare|cf-please-wait|_cf_chl_opt", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"context[_ ](length|window|size)|maximum context|prompt is too long|too many (input )?tokens|reduce the length"
    r"|\b(input|prompt)\b.{0,60}\bexceeds?\b.{0,60}\btokens?\b",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(r"invalid[_ ]api[_ ]key|api[_ ]key[_ ](not[_ ]valid|invalid|expired)", re.IGNORECASE)
_POLICY = re.compile(r"content[_ ](filter|policy|management)|moderation|responsible ?ai", re.IGNORECASE)


async def check_status(response: aiohttp.ClientResponse, clock: Clock) -> None:
    """Return if the status is a success; else read the body as far as it tells why, and raise what it means.

    A redirect that was not followed is a failure. `clock` dates a Retry-After.
    """
    if not 200 <= response.status < 300:
        body = await _error_body(response)
        raise status_error(response.status, body or response.reason or "", headers=response.headers, wall=clock.wall())


def status_error(status: int, body: str, *, headers: Mapping[str, str], wall: float) -> ProviderError:
    """Return what a status other than 2xx means; `wall` is the time now, in Unix seconds."""
    challenged = status in (403, 429, 503) and is_html(body) and _CHALLENGE.search(body)
    if challenged or headers.get("cf-mitigated") == "challenge":
        return Blocked(f"{status} {page_title(body)}")
    if 300 <= status < 400:
        return ServiceFailed(f"redirects to {headers.get('Location', 'nowhere')}", status=status)
    wait_s = retry_after(headers.get("Retry-After"), wall=wall)
    return _error(status, reason_of(body), hints=body, retry_after_s=wait_s)


def error_in(item: Mapping[str, object]) -> ProviderError | None:
    """Return the failure that a JSON object of a good response tells by its key `error`; None if it tells none."""
    error = item.get("error")
    if not error:
        return None
    kinds: list[object] = [error]
    if isinstance(error, dict):
        kinds = [error.get(key) for key in ("code", "status", "type")]
    numbers = [kind for kind in kinds if isinstance(kind, int) and 400 <= kind < 600]
    named = [_KINDS[kind] for kind in kinds if isinstance(kind, str) and kind in _KINDS]
    return _error((numbers + named + [200])[0], reason_in(item), hints=json.dumps(error), retry_after_s=None)


def unexpected(body: str, *, status: int = 200) -> ServiceFailed:
    """Return the error for a body that is no answer at all, named by its title or its beginning, never whole."""
    return ServiceFailed(f"unexpected answer: {reason_of(body)}", status=status)


def reason_of(body: str) -> str:
    """Return the short reason in an error body: what its JSON says, the title of its HTML, or its beginning."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return (page_title(body) or "an HTML page") if is_html(body) else body[:200]
    return reason_in(value)


def reason_in(value: object, depth: int = 0) -> str:
    """Return the reason in a JSON value, out of the keys that services use for it, or an empty string."""
    if isinstance(value, str):
        return value
    if depth > 4:
        return ""
    if isinstance(value, list):
        return reason_in(value[0], depth + 1) if value else ""
    if isinstance(value, dict):
        found = (reason_in(value[key], depth + 1) for key in _REASON_KEYS if value.get(key))
        return next((reason for reason in found if reason), "")
    return ""


def is_html(body: str) -> bool:
    """Tell whether a body is a web page."""
    return _HTML.match(body) is not None


def page_title(body: str) -> str:
    """Return the title of a web page, or an empty string."""
    found = _TITLE.search(body)
    return html.unescape(found[1]).strip() if found else ""


def retry_after(value: str | None, *, wall: float) -> float | None:
    """Return the seconds to wait that a Retry-After header names, as seconds or as a date; None for nonsense."""
    if value is None:
        return None
    with suppress(ValueError):
        seconds = float(value)
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - wall)


def _error(status: int, reason: str, *, hints: str, retry_after_s: float | None) -> ProviderError:
    if status == 429:
        return RateLimited(reason, retry_after_s=retry_after_s)
    if status == 407:
        return NoConnection("the proxy wants another user name or password")
    if status == 413 or (status < 500 and _TOO_LONG.search(hints)):
        return TooLong(reason)
    if status < 500 and _POLICY.search(hints):
        return Refused(reason)
    if status in (401, 403) or (status < 500 and _BAD_KEY.search(hints)):
        return SignInFailed(f"{status} {reason}")
    return ServiceFailed(reason, status=status)


async def _error_body(response: aiohttp.ClientResponse) -> str:
    body = bytearray()
    with suppress(aiohttp.ClientError, OSError):  # OSError: TimeoutError is one
        async with asyncio.timeout(ERROR_BODY_TIMEOUT):
            async for data in response.content.iter_any():
                body += data
                if len(body) > MAX_ERROR_BODY:
                    break
    return body.decode(errors="replace")
