"""A call as it comes over HTTP: parameters and files."""

import json
from dataclasses import dataclass, field

from aiohttp import web

from telegram_playground.api.schema import Upload
from telegram_playground.errors import ApiError, bad_request
from telegram_playground.wire import Json

MAX_BODY_BYTES = 60 << 20  # uploads go up to 50 MB; core.telegram.org/bots/api#sending-files
MAX_FILES = 50  # telegram-bot-api HttpServer.h


@dataclass(slots=True)
class Received:
    """What a client sent."""

    parameters: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def recorded(self) -> Json:
        """Return the parameters for the record of calls: files by name and size."""
        files = {name: {"file": upload.name, "size": len(upload.data)} for name, upload in self.uploads.items()}
        return {**self.parameters, **files}


async def read(request: web.Request) -> Received:
    """Read query, urlencoded, multipart or JSON parameters; raises ApiError for a body that cannot be read."""
    received = Received(dict(request.query))
    if not request.can_read_body:
        return received
    try:
        if request.content_type == "application/json":
            received.parameters |= _object(await request.read())
        elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            await _read_form(request, received)
    except web.HTTPRequestEntityTooLarge as error:
        raise ApiError(413, "Request Entity Too Large") from error
    return received


async def _read_form(request: web.Request, received: Received) -> None:
    # aiohttp reads forms of POST only; pyTelegramBotAPI sends them with GET too.
    posted = request if request.method == "POST" else request.clone(method="POST")
    try:
        form = await posted.post()
    except ValueError as error:
        raise bad_request("can't read the form") from error
    for name, value in form.items():
        if isinstance(value, web.FileField):
            if len(received.uploads) >= MAX_FILES:
                raise bad_request("too many files in the request")
            received.uploads[name] = Upload(value.filename or "file", value.content_type, value.file.read())
        elif isinstance(value, str):
            received.parameters[name] = value


def _object(body: bytes) -> Json:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("JSON object expected")
    return value
