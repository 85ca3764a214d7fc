"""A Bot API client of a few lines, which shows exactly what went over the wire."""

from dataclasses import dataclass
from typing import Any

import aiohttp

TOKEN = "42:" + "A" * 35
OTHER_TOKEN = "43:" + "B" * 35


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def result(self) -> Any:
        assert self.body["ok"], self.body
        return self.body["result"]

    @property
    def description(self) -> str:
        assert not self.body["ok"], self.body
        assert self.body["error_code"] == self.status
        return str(self.body["description"])


class RawBot:
    """Sends parameters as JSON and shows the answer as it is."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = TOKEN) -> None:
        self.session = session
        self.base = f"{url}/bot{token}"

    async def call(self, method: str, **parameters: Any) -> Answer:
        async with self.session.post(f"{self.base}/{method}", json=parameters) as response:
            return await answer_of(response)

    async def __call__(self, method: str, **parameters: Any) -> Any:
        return (await self.call(method, **parameters)).result

    async def refused(self, method: str, **parameters: Any) -> str:
        return (await self.call(method, **parameters)).description

    async def updates(self, offset: int = 0, **parameters: Any) -> list[dict[str, Any]]:
        return list(await self("getUpdates", offset=offset, **parameters))


async def answer_of(response: aiohttp.ClientResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, await response.json(), headers)
