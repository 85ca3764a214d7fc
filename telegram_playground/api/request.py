"""A call as it comes over HTTP: parameters and files.

A body that breaks off is read as far as it goes (tdnet HttpReader.cpp); what no server can store (half a surrogate
pair, a number without end) makes the whole call a refused one.
"""

import json
import re
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from telegram_playground.api.schema import Upload
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.protocol.wire import Json, check_json, readable

MAX_BODY_BYTES = 60 << 20  # uploads go up to 50 MB; core.telegram.org/bots/api#sending-files
MAX_FILES = 50  # telegram-bot-api HttpServer.h
_NOT_UTF8 = "strings must be encoded in UTF-8"
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(slots=True)
class Received:
    """What a client sent; `refusal` says why none of it can be used."""

    parameters: Json
    uploads: dict[str, Upload] = field(default_factory=dict)
    refusal: ApiError | None = None

    def recorded(self) -> Json:
        """Return the parameters for the record of calls: files by name and size."""
        files = {name: {"file": upload.name, "size": len(upload.data)} for name, upload in self.uploads.items()}
        return {**self.parameters, **files}


async def read(request: web.Request) -> Received:
    """Read query, urlencoded, multipart or JSON parameters."""
    received = Received(dict(request.query))
    if request.can_read_body:
        try:
            if request.content_type == "application/json":
                received.parameters |= _object(await request.read())
            elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
                await _read_form(request, received)
        except web.HTTPRequestEntityTooLarge:
            received.refusal = ApiError(413, "Request Entity Too Large")
        except ApiError as error:
            received.refusal = error
        except (HttpProcessingError, web.RequestPayloadError):  # a header of a part, or what is said to be compressed
            received.refusal = bad_request("can't read the request")
    return checked(received)


def checked(received: Received) -> Received:
    """Return it with a refusal, and in a form that can be stored, where it has what no server can store."""
    names = [text for upload in received.uploads.values() for text in (upload.name, upload.mime)]
    try:
        check_json([received.parameters, [*received.uploads], names])
    except UnicodeEncodeError:
        received.refusal = received.refusal or bad_request(_NOT_UTF8)
    except (ValueError, RecursionError):
        received.refusal = received.refusal or bad_request("can't parse parameter value")
    if received.refusal:
        received.parameters = readable(received.parameters)
        received.uploads = {}
    return received


async def _read_form(request: web.Request, received: Received) -> None:
    # aiohttp reads forms of POST only; pyTelegramBotAPI sends them with GET too.
    posted = request if request.method == "POST" else request.clone(method="POST")
    try:
        form = await posted.post()
    except UnicodeError as error:
        raise bad_request(_NOT_UTF8) from error
    except (ValueError, LookupError, AssertionError, RuntimeError) as error:  # a broken multipart body, each in its way
        raise bad_request("can't read the form") from error
    for name, value in form.items():
        if isinstance(value, web.FileField):
            if len(received.uploads) >= MAX_FILES:
                raise bad_request("too many files in the request")
            with value.file as file:
                received.uploads[name] = Upload(value.filename or "file", value.content_type, file.read())
        elif isinstance(value, str):
            received.parameters[name] = value


def _object(body: bytes) -> Json:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise bad_request(_NOT_UTF8) from error
    if not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError:
        value = _beginning(text)
        if value is None:
            raise bad_request("can't parse JSON object") from None
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse parameter value") from error
    if not isinstance(value, dict):
        raise bad_request("JSON object expected")
    return value


def _beginning(text: str) -> Json | None:
    """Return the parameters of a JSON object up to the first that is broken; None where it is no object."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        return None
    found: Json = {}
    sign = ","
    try:
        while sign == ",":
            name, at = decoder.raw_decode(text, _skip(text, at + 1))
            at = _skip(text, at)
            if not isinstance(name, str) or text[at : at + 1] != ":":
                break
            found[name], at = decoder.raw_decode(text, _skip(text, at + 1))
            at = _skip(text, at)
            sign = text[at : at + 1]
    except (ValueError, RecursionError):
        return found
    return found


def _skip(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no number")
