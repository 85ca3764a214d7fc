"""JSON as it goes over the wire."""

from typing import Any

Json = dict[str, Any]  # an object; its members are whatever the Bot API says they are
