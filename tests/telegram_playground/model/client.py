"""A client of OpenAI's protocol that shows what came."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

Json = dict[str, Any]


@dataclass(slots=True)
class Got:
    """What came of a streamed answer; `lines`: the data of its events."""

    status: int
    lines: list[str] = field(default_factory=list)
    broken: bool = False

    @property
    def chunks(self) -> list[Json]:
        """The objects, without the end mark."""
        return [json.loads(line) for line in self.lines if line != "[DONE]"]

    @property
    def is_ended(self) -> bool:
        """Whether the end mark came."""
        return "[DONE]" in self.lines

    @property
    def deltas(self) -> list[Json]:
        """What was said."""
        return [choice["delta"] for chunk in self.chunks for choice in chunk.get("choices", ()) if choice["delta"]]

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(delta.get("content") or "" for delta in self.deltas)

    @property
    def finish(self) -> str | None:
        """Why it ended."""
        reasons = [choice["finish_reason"] for chunk in self.chunks for choice in chunk.get("choices", ())]
        return next((reason for reason in reversed(reasons) if reason), None)


class Client:
    """Asks; further fields go into the body."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    def post(self, prompt: str | list[Json], **fields: Any) -> Any:
        """Return the context of a request: a prompt, or the whole conversation."""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        body = {"model": "small", "messages": messages, "stream": True, **fields}
        return self._session.post(f"{self.url}/chat/completions", json=body, headers={"Authorization": "Bearer sk-1"})

    async def ask(self, prompt: str | list[Json], **fields: Any) -> Got:
        """Return the answer as it was streamed. Raises aiohttp's errors where there is no status line."""
        async with self.post(prompt, **fields) as response:
            got = Got(response.status)
            try:
                async for line in response.content:
                    if line.startswith(b"data: "):
                        got.lines.append(line.removeprefix(b"data: ").decode().strip())
            except aiohttp.ClientPayloadError:
                got.broken = True
            return got

    async def whole(self, prompt: str | list[Json], **fields: Any) -> Json:
        """Return the answer as one object."""
        async with self.post(prompt, stream=False, **fields) as response:
            answer: Json = await response.json()
            return answer
