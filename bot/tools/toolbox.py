"""Toolbox: all tools that models may be offered."""

from collections.abc import Mapping, Sequence

from bot.tools.offer import Approval, Offer


class Toolbox:
    """The tools that are built in, and those that the operator configured.

    The former are offered to models that are known to take tools, the latter to all that are not known to take none.
    """

    def __init__(self, builtin: Sequence[Offer] = (), configured: Sequence[Offer] = ()) -> None:
        self._builtin = builtin
        self._configured = configured

    def offered(self, takes: bool | None) -> Mapping[str, Offer]:
        """Return by name what a model is offered that takes tools, or does not, or of which nobody knows (None)."""
        if takes is False:
            return {}
        offers = [*(self._builtin if takes else ()), *self._configured]
        return {each.tool.name: each for each in offers if each.approval is not Approval.OFF}

    def find(self, name: str) -> Offer | None:
        """Return a tool by its name."""
        return self.offered(takes=True).get(name)
