"""A fault on the way to the answer leaves nothing half done."""

import pytest

from providers.errors import (
    Blocked,
    ProviderError,
    RateLimited,
    ServiceFailed,
    TimedOut,
)
from providers.wire.http import Http
from tests.services import faults
from tests.services.cases import CASES, Case, hear, well
from tests.services.faults import Fault

EARLY = [(case, step) for case in CASES for step in case.cold if step != case.step]

EARLY_FAULTS: dict[str, tuple[Fault, tuple[type[ProviderError], ...]]] = {
    "500": (faults.status(500), (ServiceFailed,)),
    "429": (faults.status(429, headers={"Retry-After": "7"}), (RateLimited,)),
    "challenge": (faults.page(faults.CHALLENGE, code=403), (Blocked,)),
    "silence": (faults.silence(), (TimedOut,)),
}


@pytest.mark.parametrize(("case", "step"), EARLY, ids=[f"{case.id}-{step}" for case, step in EARLY])
@pytest.mark.parametrize("name", EARLY_FAULTS)
async def test_a_fault_on_the_way_to_the_answer_leaves_nothing_half_done(
    case: Case, http: Http, step: str, name: str
) -> None:
    fault, kinds = EARLY_FAULTS[name]
    async with case.server() as service:
        provider = case.provider(service.base_url, http)
        service.faults[step].append(fault)

        heard = await hear(provider, silence_s=0.4 if name == "silence" else None)

        assert type(heard.error) in kinds
        assert heard.error is not None
        assert heard.error.provider == case.id
        assert service.calls[step] == 1
        assert service.calls[case.step] == 0
        await well(provider, service, case)
        assert service.complaints == []


@pytest.mark.parametrize(("case", "step"), EARLY, ids=[f"{case.id}-{step}" for case, step in EARLY])
@pytest.mark.parametrize(
    "fault",
    [
        faults.page(),
        faults.body(b""),
        faults.body(b'{"data": {"tok'),
        faults.document({}),
        faults.document(None),
        faults.document([]),
        faults.document({"data": 3, "loads": {}, "accessToken": 1}),
        faults.document({"data": {"token": None}, "loads": [None, {}, {"token_id": 3}], "accessToken": None}),
        faults.status(404, "gone"),
        faults.hang_up(),
    ],
)
async def test_nonsense_on_the_way_to_the_answer_is_an_error_or_is_survived(
    case: Case, http: Http, step: str, fault: Fault
) -> None:
    async with case.server() as service:
        provider = case.provider(service.base_url, http)
        service.faults[step].append(fault)

        heard = await hear(provider)

        assert heard.error is not None or heard.text == "Hello"
        assert service.calls[step] <= 2
        if heard.error:
            assert len(heard.error.reason) > 5
            assert "<" not in heard.error.reason
        await well(provider, service, case)
        assert service.complaints == []
