"""Calls of tools in protocols that do not give each an id: a result belongs to the oldest open call of its name."""


class Unnamed:
    """Gives ids to calls, and finds the call of a result."""

    def __init__(self) -> None:
        self._count = 0
        self._open: list[tuple[str, str]] = []

    def made(self, name: str, given: object = None) -> str:
        """Return the id of a call."""
        self._count += 1
        call_id = given if isinstance(given, str) and given else f"call_{self._count}"
        self._open.append((name, call_id))
        return call_id

    def answered(self, name: str, given: object = None) -> str:
        """Return the id of the call that a result is of; empty where there is none."""
        for each in self._open:
            if given == each[1] or (not given and name in (each[0], "")):
                self._open.remove(each)
                return each[1]
        return ""
