"""How much room JSON takes in memory, so that limits on what is kept are limits on memory."""

import sys

_KEY_BYTES = 1  # of each letter of a name; a name itself stands once for all objects that have it


def weight(value: object) -> int:
    """Return about how many bytes a value of JSON takes."""
    total = sys.getsizeof(value)
    if isinstance(value, dict):
        for name, item in value.items():
            total += len(name) * _KEY_BYTES + weight(item)
    elif isinstance(value, list | tuple):
        for item in value:
            total += weight(item)
    return total
