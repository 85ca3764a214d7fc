"""What the vendors' own packages read in an answer: the judges of the bodies that the tests' servers send."""

import warnings
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import pytest

MODEL = "m"
ASKED = "Hello"


@dataclass(slots=True)
class Read:
    """An answer as a vendor's package reads it; `failure`: what it raised; `usage`: tokens of prompt and answer."""

    text: str = ""
    ends: str | None = None
    usage: tuple[int, int] | None = None
    failure: Exception | None = None


Judge = Callable[[str], Awaitable[Read]]


async def openai(url: str) -> Read:
    """Ask as openai does."""
    package = pytest.importorskip("openai")
    read = Read()
    async with package.AsyncOpenAI(base_url=f"{url}/v1", api_key="key", max_retries=0) as client:
        try:
            stream = await client.chat.completions.create(
                model=MODEL,
                messages=[{"role": "user", "content": ASKED}],
                stream=True,
                stream_options={"include_usage": True},
            )
            async with stream:
                async for chunk in stream:
                    for choice in chunk.choices or []:
                        read.text += choice.delta.content or ""
                        read.ends = choice.finish_reason or read.ends
                    if chunk.usage:
                        read.usage = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
        except package.OpenAIError as error:
            read.failure = error
    return read


async def anthropic(url: str) -> Read:
    """Ask as anthropic does."""
    package = pytest.importorskip("anthropic")
    read = Read()
    async with package.AsyncAnthropic(base_url=url, api_key="key", max_retries=0) as client:
        try:
            asked = client.messages.stream(model=MODEL, max_tokens=100, messages=[{"role": "user", "content": ASKED}])
            async with asked as stream:
                async for text in stream.text_stream:
                    read.text += text
                message = await stream.get_final_message()
            read.ends = message.stop_reason
            read.usage = message.usage.input_tokens, message.usage.output_tokens
        except package.AnthropicError as error:
            read.failure = error
    return read


async def gemini(url: str) -> Read:
    """Ask as google-genai does."""
    package = pytest.importorskip("google.genai")
    read = Read()
    client = package.Client(api_key="key", http_options={"base_url": url, "api_version": "v1beta"}).aio
    try:
        async for response in await client.models.generate_content_stream(model=MODEL, contents=ASKED):
            candidate = (response.candidates or [None])[0]
            parts = candidate.content.parts if candidate and candidate.content else None
            read.text += "".join(part.text or "" for part in parts or [] if not part.thought)
            if candidate and candidate.finish_reason:
                read.ends = candidate.finish_reason.value
            if usage := response.usage_metadata:
                answered = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
                read.usage = usage.prompt_token_count or 0, answered
            if response.prompt_feedback and response.prompt_feedback.block_reason:
                read.ends = response.prompt_feedback.block_reason.value
    except package.errors.APIError as error:
        read.failure = error
    finally:
        await client.aclose()
    return read


async def ollama(url: str) -> Read:
    """Ask as ollama does."""
    package = pytest.importorskip("ollama")
    read = Read()
    client = package.AsyncClient(host=url)
    try:
        answer = await client.chat(model=MODEL, messages=[{"role": "user", "content": ASKED}], stream=True)
        async with aclosing(answer):
            async for part in answer:
                read.text += part.message.content or ""
                if part.done:
                    read.ends = part.done_reason
                    read.usage = part.prompt_eval_count or 0, part.eval_count or 0
    except package.ResponseError as error:
        read.failure = error
    finally:
        await client.close()
    return read


JUDGES: dict[str, Judge] = {"openai": openai, "anthropic": anthropic, "gemini": gemini, "ollama": ollama}


async def judge(service: str, url: str) -> Read:
    """Have the package of a service read an answer; what it warns of itself is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return await JUDGES[service](url)
