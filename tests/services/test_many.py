"""Many calls at once, cancelled ones, and what is left of them."""

import asyncio

import pytest

from providers.base import AsyncGeneratorProvider
from providers.errors import (
    ServiceFailed,
)
from providers.wire.http import Http
from tests.services import faults
from tests.services.cases import SHARING, Case, hear, says, user, well
from tests.services.service import Service
from tests.services.wire import Wire
from tests.stopwatch import within
from tests.thorough import times


async def test_answers_of_simultaneous_chats_never_mix(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    service.reply = lambda prompt: case.frame(*prompt)
    service.wire = Wire(every=7)
    prompts = [f"prompt {number}" for number in range(30)]

    heard = await asyncio.gather(*(hear(provider, prompt) for prompt in prompts))

    assert [(one.error, one.text) for one in heard] == [(None, prompt) for prompt in prompts]


@pytest.mark.parametrize("case", SHARING, ids=lambda case: case.id)
async def test_a_failed_sign_in_is_told_to_all_who_waited_for_it(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    service.faults[case.cold[0]].extend([faults.status(500)] * 20)

    heard = await asyncio.gather(*(hear(provider) for _ in range(20)))

    assert {type(one.error) for one in heard} == {ServiceFailed}
    assert service.calls == {case.cold[0]: 1}
    service.faults.clear()
    await well(provider, service, case)


@pytest.mark.parametrize("case", SHARING, ids=lambda case: case.id)
async def test_a_credential_that_another_call_has_renewed_is_used_and_not_renewed_again(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    await well(provider, service, case)
    gate, refused = asyncio.Event(), faults.status(401)
    service.faults[case.warm[0]].extend([faults.held(gate, refused), refused])
    late = asyncio.ensure_future(hear(provider))
    await service.streams(1)

    renewing = await hear(provider)
    gate.set()

    assert (renewing.text, (await late).text) == ("Fine", "Fine")
    assert service.calls[case.cold[0]] == 2


@pytest.mark.parametrize("case", SHARING, ids=lambda case: case.id)
async def test_a_cancelled_sign_in_is_taken_over_by_who_waits_for_it(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    service.faults[case.cold[0]].append(faults.silence())
    first = asyncio.ensure_future(hear(provider))
    await service.streams(1)
    second = asyncio.ensure_future(hear(provider))

    first.cancel()
    heard = await second

    assert heard.text == "Hello"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_closed_or_cancelled_call_closes_its_connection_at_once(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    await well(provider, service, case)
    says(service, case.frame("Hel", end=""), Wire(end="hold"))
    call = provider.create_async_generator(None, user("Hello"))
    assert await anext(call) == "Hel"
    await call.aclose()
    async with within(5):
        await service.streams(0)

    task = asyncio.ensure_future(hear(provider))
    await service.streams(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with within(5):
        await service.streams(0)
    await well(provider, service, case)


async def test_nothing_is_left_of_many_answers_of_which_a_third_is_cancelled(
    provider: AsyncGeneratorProvider, service: Service, case: Case, http: Http
) -> None:
    tasks = len(asyncio.all_tasks())
    service.reply = lambda prompt: case.frame(*prompt, end="" if "stop" in prompt else "[DONE]")
    service.wire = lambda prompt: Wire(end="hold" if "stop" in prompt else "close")
    places = asyncio.Semaphore(20)

    async def whole(number: int) -> str:
        async with places:
            return (await hear(provider, f"prompt {number}")).text

    async def stopped(number: int) -> str:
        async with places:
            call = asyncio.ensure_future(hear(provider, f"stop {number}"))
            for _ in range(number % 60):  # turns of the loop: from before the first request to the midst of the text
                await asyncio.sleep(0)
            call.cancel()
            return (await call).text

    calls = [whole(number) if number % 3 else stopped(number) for number in range(times(120, 300))]
    texts = await asyncio.gather(*calls, return_exceptions=True)

    for number, text in enumerate(texts):
        if number % 3:
            assert text == f"prompt {number}"
        else:
            assert isinstance(text, asyncio.CancelledError)
    async with within(5):
        await service.streams(0)
    await http.close()
    await service.leave()
    assert len(asyncio.all_tasks()) == tasks
    assert service.connections == 0
