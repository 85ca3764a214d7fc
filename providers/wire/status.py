"""What a response that is no answer means: status, headers and error body as a ProviderError.

    401, 403     SignInFailed     (with a bot-protection page: Blocked)
    402          OutOfCredit      and whatever says that the account is empty
    404          ModelGone        where the reason speaks of the model
    407          NoConnection     the proxy wants a password
    413          TooLong          and 400, 422 where the reason speaks of the context's length
    429          RateLimited      (where a quota is used up that only money brings back: OutOfCredit)
    other        ServiceFailed    (where the reason speaks of content policy: Refused)

Sources: seed services' protocol, 6.3; error bodies of OpenAI, Azure, OpenRouter, Groq, Mistral, DeepSeek, Anthropic,
Gemini, Ollama, vLLM, llama.cpp; the error types in the packages openai 3.54.0 and anthropic 2.12.0 (2026-11-21).
"""

import asyncio
import html
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

import aiohttp

from providers.base import Clock
from providers.errors import (
    Blocked,
    ModelGone,
    NoConnection,
    OutOfCredit,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TooLong,
)
from providers.wire.waiting import wait_in

MAX_ERROR_BODY = 256 * 1024  # bytes
ERROR_BODY_TIMEOUT = 3  # seconds; without the body the status says enough

_KINDS = {  # what error objects say in words, as HTTP statuses
    "invalid_api_key": 401,
    "authentication_error": 401,
    "UNAUTHENTICATED": 401,
    "billing_error": 402,
    "insufficient_quota": 402,
    "billing_hard_limit_reached": 402,
    "billing_not_active": 402,
    "permission_error": 403,
    "PERMISSION_DENIED": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "NOT_FOUND": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "RESOURCE_EXHAUSTED": 429,
    "api_error": 500,
    "server_error": 500,
    "internal_server_error": 500,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "timeout_error": 504,
    "DEADLINE_EXCEEDED": 504,
    "overloaded_error": 529,
}
_MODEL_KINDS = {"model_not_found", "model_decommissioned", "invalid_model"}
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
_BAD_KEY = re.compile(
    r"invalid[_ ]api[_ ]key|api[_ ]key[_ ](not[_ ]valid|invalid|expired)|no_db_connection",  # the last: LiteLLM
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(
    r"insufficient[_ ](quota|balance|credits?|funds)|credit balance|credits? (is|are|has been|have been)? ?(too low"
    r"|depleted|exhausted|used up)|billing_(error|hard_limit_reached|not_active)|(out of|no) credits",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_(not_found|decommissioned|not_supported)|(invalid|unknown|no such) model|not a (valid|chat) model"
    r"|\bmodels?\b.{0,100}\b(not (be )?found|does(n't| not) exist|not exist|decommissioned|deprecated|retired"
    r"|no longer|not available|not supported|unknown)|no endpoints found|not found.{0,30}pull|\bmodel: \S+$"
    r"|only supported in v1/responses",
    re.IGNORECASE,
)
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
        return Blocked(said=page_title(body), status=status)
    if 300 <= status < 400:
        return ServiceFailed("redirects", said=f"to {headers.get('Location', 'nowhere')}", status=status)
    value = _parsed(body)
    error = value[0] if isinstance(value, list) and value else value
    error = error.get("error", error) if isinstance(error, dict) else error
    wait_s = wait_in(headers, error, body, wall=wall)
    return _error(status, reason_of(body), kinds=_kinds_in(error), hints=body, retry_after_s=wait_s)


def error_in(item: Mapping[str, object]) -> ProviderError | None:
    """Return the failure that a JSON object of a good response tells by its key `error`; None if it tells none."""
    error = item.get("error")
    if not error:
        return None
    kinds = _kinds_in(error)
    numbers = [kind for kind in kinds if isinstance(kind, int) and 400 <= kind < 600]
    named = [_KINDS[kind] for kind in kinds if isinstance(kind, str) and kind in _KINDS]
    wait_s = wait_in({}, error, reason_in(item), wall=0.0)
    return _error(
        (numbers + named + [200])[0], reason_in(item), kinds=kinds, hints=json.dumps(error), retry_after_s=wait_s
    )


def unexpected(body: str, *, status: int = 200) -> ServiceFailed:
    """Return the error for a body that is no answer at all, named by its title or its beginning, never whole."""
    return ServiceFailed("unexpected answer", said=reason_of(body), status=status)


def reason_of(body: str) -> str:
    """Return the short reason in an error body: what its JSON says, the title of its HTML, or its beginning."""
    value = _parsed(body)
    if value is None:
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
        reason = next((reason for reason in found if reason), "")
        field = _field_in(value)
        return f"{reason} ({field})" if reason and field and field not in reason else reason
    return ""


def is_html(body: str) -> bool:
    """Tell whether a body is a web page."""
    return _HTML.match(body) is not None


def page_title(body: str) -> str:
    """Return the title of a web page, or an empty string."""
    found = _TITLE.search(body)
    return html.unescape(found[1]).strip() if found else ""


def _error(
    status: int, reason: str, *, kinds: Sequence[object], hints: str, retry_after_s: float | None
) -> ProviderError:
    """Tell errors apart by their status, else by what they call themselves, else by their words."""
    if status == 402 or any(_KINDS.get(str(kind)) == 402 for kind in kinds) or _is_broke(status, reason):
        return OutOfCredit(said=reason, status=status)
    if status == 429:
        return RateLimited(said=reason, retry_after_s=retry_after_s)
    if status == 407:
        return NoConnection("the proxy wants another user name or password")
    if status == 413 or (status < 500 and _TOO_LONG.search(hints)):
        return TooLong(said=reason)
    if status < 500 and _POLICY.search(hints):
        return Refused(said=reason)
    if _MODEL_KINDS.intersection(map(str, kinds)) or (status in (400, 404, 410, 422) and _NO_MODEL.search(reason)):
        return ModelGone(said=reason, status=status)
    if status in (401, 403) or (status < 500 and _BAD_KEY.search(hints)):
        return SignInFailed(said=reason, status=status)
    return ServiceFailed(said=reason, status=status)


def _is_broke(status: int, reason: str) -> bool:
    """Tell whether a service says in words alone that the account is empty, as Anthropic's 400 and Mistral's 401 do."""
    return status in (200, 400, 401, 403, 429) and _NO_CREDIT.search(reason) is not None


def _kinds_in(error: object) -> list[object]:
    """Return what an error object calls itself."""
    if not isinstance(error, dict):
        return [error]
    return [
        error.get(key) for key in ("code", "status", "status_code", "type") if isinstance(error.get(key), (str, int))
    ]


def _field_in(value: Mapping[str, object]) -> str:
    """Return the name of the request's field that an error is about: OpenAI's `param`, pydantic's `loc`."""
    place = value.get("loc")
    named = ".".join(map(str, place)) if isinstance(place, list) else value.get("param")
    return named if isinstance(named, str) else ""


def _parsed(body: str) -> object:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


async def _error_body(response: aiohttp.ClientResponse) -> str:
    body = bytearray()
    with suppress(aiohttp.ClientError, OSError):  # OSError: TimeoutError is one
        async with asyncio.timeout(ERROR_BODY_TIMEOUT):
            async for data in response.content.iter_any():
                body += data
                if len(body) > MAX_ERROR_BODY:
                    break
    return body.decode(errors="replace")
