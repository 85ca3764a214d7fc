"""Our providers through LiteLLM's proxy, behind which aimock answers: two programs that nobody here wrote.

`make judges` sets the proxy up, in an environment of its own, and runs this; its start takes longer than all the rest.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random

import aiohttp
import pytest

from providers.base import AsyncGeneratorProvider, Message, Usage
from providers.blocks import ToolCall
from providers.errors import ModelGone, RateLimited, SignInFailed
from providers.services import anthropic, gemini, openai
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.aimock.service import IS_THERE, MISSING, aimock
from tests.providers.outcome import HELLO, outcome
from tests.providers.test_aimock import TIME, ask

PROGRAM = Path(sys.prefix) / "litellm/bin/litellm"
KEY = "sk-0123456789"
START_S = 180  # on a machine with other work

pytestmark = [
    pytest.mark.skipif(not os.environ.get("JUDGES"), reason="asked for by make judges"),
    pytest.mark.skipif(not PROGRAM.exists(), reason="LiteLLM is not installed (make judges)"),
    pytest.mark.skipif(not IS_THERE, reason=MISSING),
    pytest.mark.timeout(400),
]


@asynccontextmanager
async def litellm(folder: Path, behind: str) -> AsyncIterator[str]:
    """Run the proxy before a service; give its address."""
    models = {
        "m": {"model": "openai/m", "api_base": f"{behind}/v1", "api_key": "key"},
        "claude": {"model": "anthropic/claude-sonnet-4-6", "api_base": behind, "api_key": "key"},
    }
    config = {
        "model_list": [{"model_name": name, "litellm_params": told} for name, told in models.items()],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0, "drop_params": False},
        "router_settings": {"disable_cooldowns": True},
    }
    (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = await asyncio.create_subprocess_exec(
        *(PROGRAM, "--config", folder / "config.yaml", "--host", "127.0.0.1", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        start_new_session=True,  # it may have children
    )
    try:
        url = f"http://127.0.0.1:{port}"
        try:
            async with asyncio.timeout(START_S), aiohttp.ClientSession() as session:
                while not await _is_up(session, url):
                    if program.returncode is not None:
                        pytest.skip(f"LiteLLM ends at its start, with code {program.returncode}")
                    await asyncio.sleep(0.5)  # another program's start cannot be waited for otherwise
        except TimeoutError:
            pytest.skip(f"LiteLLM does not start within {START_S} s")
        yield url
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        await program.wait()


async def _is_up(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health/liveliness") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def make(kind: str, url: str, http: Http, *, model: str, key: str = KEY) -> AsyncGeneratorProvider:
    if kind == "anthropic":
        claude = anthropic.Settings.model_validate({"base_url": url, "api_key": key, "model": model})
        return anthropic.Anthropic(claude, http=http, clock=FakeClock(), random=Random(1))
    if kind == "gemini":
        google = gemini.Settings.model_validate({"base_url": url, "api_key": key, "model": model})
        return gemini.Gemini(google, http=http, clock=FakeClock(), random=Random(1))
    settings = openai.Settings.model_validate({"base_url": f"{url}/v1", "api_key": key, "model": model})
    found = openai.OpenAI(settings, http=http, clock=FakeClock(), random=Random(1))
    if kind == "responses":
        found._forms.take_list([model])  # as a list of models would say it
    return found


@pytest.fixture
def behind() -> Iterator[str]:
    with aimock() as url:
        yield url


async def test_every_form_is_understood_by_the_proxy_and_read_as_it_answers(
    tmp_path: Path, http: Http, behind: str
) -> None:
    async with litellm(tmp_path, behind) as url:
        for kind, model in (
            ("chat", "m"),
            ("responses", "m"),
            ("anthropic", "claude"),
            ("gemini", "m"),
            ("chat", "claude"),
        ):
            case, provider = f"{kind} {model}", make(kind, url, http, model=model)

            hello = await ask(provider, "Hello", thoughts=True, max_tokens=500)
            wish = await ask(provider, "What is it o'clock?", tools=[TIME])
            busy = await ask(provider, "My quota?")
            talk: list[Message] = [*HELLO, {"role": "assistant", "content": "Hi!"}, *HELLO]
            again = await outcome(provider.create_async_generator(None, talk))
            unknown = await outcome(make(kind, url, http, model="none").create_async_generator(None, HELLO))
            shut_out = await outcome(
                make(kind, url, http, model=model, key="sk-bad").create_async_generator(None, HELLO)
            )

            assert (hello.text, hello.error) == ("Hi there, wörld! How are you?", None), case
            assert again.text == hello.text, case
            assert any(isinstance(delta, Usage) for delta in hello.deltas), case
            calls = [delta for delta in wish.deltas if isinstance(delta, ToolCall)]
            assert [(call.name, json.loads(call.arguments)) for call in calls] == [("time", {"zone": "UTC"})], case
            assert isinstance(busy.error, RateLimited), (case, busy.error, busy.error and busy.error.reason)
            assert isinstance(unknown.error, ModelGone), (case, unknown.error)
            assert isinstance(shut_out.error, SignInFailed), (
                case,
                shut_out.error,
                shut_out.error and shut_out.error.reason,
            )
        listed = make("chat", url, http, model="")
        await listed.refresh()
        assert {"m", "claude"} <= {*getattr(listed, "models", ())}
