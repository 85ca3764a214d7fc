"""How the server behaves, where Telegram's behaviour differs from day to day or is not known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from telegram_playground.limits.flood_limits import Limits
from telegram_playground.protocol.wire import Json

_CHOICES = {
    "order": ("arrival", "shuffled"),
    "stop_draft_id": ("int", "string"),
    "length_unit": ("utf16", "codepoints"),
    "bad_token": (401, 404),
}
_MAX_SECONDS = 86_400
_MAX_NAMES = 300


@dataclass(frozen=True, slots=True)
class Options:
    """The switches; docs/playground.md says what each one means."""

    limits: Limits = field(default_factory=Limits)
    latency_s: float = 0.0
    jitter_s: float = 0.0
    order: str = "arrival"
    offline: bool = False
    drafts: bool = True
    rich: bool = True
    empty_drafts: bool = True
    stop_draft_id: str = "int"
    length_unit: str = "utf16"
    bad_token: int = 401
    callback_expiry_s: float = 15.0
    guest_expiry_s: float = 30.0
    callback_once: bool = True
    webhook_timeout_s: float = 60.0
    answer_true: tuple[str, ...] = ()  # methods that are not simulated and answer true instead of 501; "*": all

    def changed(self, values: Mapping[str, Any]) -> "Options":
        """Return these options with some changed; raises ValueError for an unknown name or a wrong value."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        new: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"there is no option named {name}")
            new[name] = self._limits(value) if name == "limits" else _checked(name, value, known[name])
        return replace(self, **new)

    def json(self) -> Json:
        """Return the options as the control API shows them."""
        return asdict(self)

    def _limits(self, value: object) -> Limits:
        if value is None or value == "off":
            return Limits.off()
        if value == "worst_day":
            return Limits.worst_day()
        if isinstance(value, Limits):
            return value
        if isinstance(value, Mapping):
            return self.limits.changed({"enabled": True, **value})
        raise ValueError(f"{value!r} are no limits")


def _checked(name: str, value: object, present: object) -> object:
    if name in _CHOICES:
        if value in _CHOICES[name]:
            return value
    elif isinstance(present, tuple):
        if isinstance(value, list | tuple) and all(isinstance(item, str) and len(item) < 64 for item in value):
            return tuple(value[:_MAX_NAMES])
    elif isinstance(present, bool):
        if isinstance(value, bool):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_SECONDS:
        return float(value)
    raise ValueError(f"{value!r} is no value for {name}")
