"""The connection to a server: commands go out, results or refusals come back."""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import aiohttp

_ANSWER_S = 10  # of a server that is there
_CONNECT_S = 30


class PlaygroundError(Exception):
    """The server refused a command, or is none; the text says why."""


class NothingCame(PlaygroundError):
    """What was waited for did not come in time; the text says what there was instead."""


class Connection:
    """Sends commands of docs/playground.md to one server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Begin; nothing is sent yet."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
        self._session = aiohttp.ClientSession(timeout=timeout)

    async def close(self) -> None:
        """End."""
        if self._session:
            await self._session.close()

    async def check(self) -> None:
        """Raise PlaygroundError, or aiohttp's errors, where no playground answers."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
        try:
            async with self._opened().get(f"{self._url}/healthz", timeout=timeout) as response:
                is_one = response.content_type == "application/json" and await response.json() == {"ok": True}
        except aiohttp.InvalidURL as error:
            raise PlaygroundError("that is no address") from error
        except (TimeoutError, ValueError) as error:
            raise PlaygroundError(f"nothing that can be understood came within {_ANSWER_S} s") from error
        if not is_one:
            raise PlaygroundError("what answers there is no playground")

    async def command(self, name: str, arguments: Any) -> Any:
        """Send a command and return its result; raises PlaygroundError."""
        return await self._post(name, json=arguments)

    async def upload(self, name: str, files: Sequence[tuple[str, str, bytes]], arguments: dict[str, Any]) -> Any:
        """Send a command with files, each a name, a type and its bytes; raises PlaygroundError."""
        form = aiohttp.FormData()
        for number, (file_name, mime, data) in enumerate(files):
            form.add_field(f"file{number or ''}", BytesIO(data), filename=file_name, content_type=mime)
        for field_name, value in arguments.items():
            if value not in (None, ""):
                form.add_field(field_name, value if isinstance(value, str) else json.dumps(value))
        return await self._post(name, data=form)

    async def _post(self, name: str, **body: Any) -> Any:
        async with self._opened().post(f"{self._url}/playground/{name}", **body) as response:
            try:
                answer = await response.json()
            except (aiohttp.ContentTypeError, ValueError):
                answer = None
            if not isinstance(answer, dict) or "ok" not in answer:
                raise PlaygroundError(f"{name}: {response.status} {(await response.text(errors='replace'))[:200]}")
        if not answer["ok"]:
            kind = NothingCame if response.status == 408 else PlaygroundError
            raise kind(f"{name}: {answer.get('description')}")
        return answer["result"]

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is used outside of its context")
        return self._session
