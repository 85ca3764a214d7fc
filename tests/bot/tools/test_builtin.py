"""The tools that are there without configuration."""

import pytest

from bot.tools.builtin import builtin
from bot.tools.offer import CallFailed
from bot.tools.toolbox import Toolbox
from tests.clock import FakeClock

TOOLS = Toolbox(builtin(FakeClock()))


async def call(name: str, **arguments: object) -> str:
    offer = TOOLS.find(name)
    assert offer
    return (await offer.call(arguments)).text


async def test_the_time_is_told_where_somebody_lives() -> None:
    assert await call("time") == "Friday, 2027-01-15T08:00:00+00:00 (UTC)"
    assert await call("time", zone="Europe/Berlin") == "Friday, 2027-01-15T09:00:00+01:00 (Europe/Berlin)"


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "/etc/localtime", 5, "x" * 99, "Ber\x00lin"])
async def test_a_zone_that_is_none_is_told(zone: object) -> None:
    with pytest.raises(CallFailed):
        await call("time", zone=zone)


async def test_arithmetic_is_reckoned_or_refused() -> None:
    assert await call("calculator", expression="6*7") == "42"
    with pytest.raises(CallFailed, match="only numbers"):
        await call("calculator", expression="six")
    with pytest.raises(CallFailed):
        await call("calculator")


def test_who_takes_no_tools_is_offered_none() -> None:
    assert list(TOOLS.offered(takes=True)) == ["time", "calculator"]
    assert not TOOLS.offered(takes=None)
    assert not TOOLS.offered(takes=False)
