"""Built in: the tools that are there without configuration; they change nothing and ask nobody."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.tools.calculator import FUNCTIONS, NoNumber, calculate
from bot.tools.offer import CallFailed, Offer, Result
from providers.tools import Tool

TIME, CALCULATOR = "time", "calculator"
NAMES = (TIME, CALCULATOR)
MAX_ZONE = 64  # characters


def builtin(clock: Clock) -> list[Offer]:
    """Return the tools that are built in."""

    async def tell_time(arguments: Mapping[str, object]) -> Result:
        zone = arguments.get("zone") or "UTC"
        if not isinstance(zone, str) or len(zone) > MAX_ZONE:
            raise CallFailed("zone is to be a name such as Europe/Berlin", is_known=True)
        try:
            now = datetime.fromtimestamp(clock.wall(), ZoneInfo(zone))
        except (KeyError, ValueError, OSError):
            raise CallFailed(f"no time zone {zone!r}; its name is to be such as Europe/Berlin", is_known=True) from None
        return Result(f"{now:%A}, {now.isoformat(timespec='seconds')} ({zone})")

    async def reckon(arguments: Mapping[str, object]) -> Result:
        try:
            return Result(calculate(str(arguments.get("expression", ""))))
        except NoNumber as error:
            raise CallFailed(str(error), is_known=True) from None

    zone = {"type": "string", "description": "Name of a time zone, such as Europe/Berlin; UTC without it"}
    expression = {
        "type": "string",
        "description": f"Numbers, + - * / // % **, parentheses, pi, e and {', '.join(FUNCTIONS)}",
    }
    return [
        Offer(
            Tool(TIME, "Tells date, weekday and time of now.", _schema({"zone": zone})),
            label=TIME,
            call=tell_time,
        ),
        Offer(
            Tool(
                CALCULATOR,
                "Reckons exactly. Use it for arithmetic with large numbers or several steps.",
                _schema({"expression": expression}, "expression"),
            ),
            label=CALCULATOR,
            call=reckon,
        ),
    ]


def _schema(properties: Mapping[str, object], *required: str) -> dict[str, object]:
    found: dict[str, object] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})
