"""A line of what `check` says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; what works and could be better is a note."""

    name: str
    ok: bool
    detail: str
    mend: str = ""

    def __str__(self) -> str:
        """Return the line as it is printed."""
        mend = f"\n{'':14}→ {self.mend}" if self.mend else ""
        state = "FAIL" if not self.ok else "note" if self.mend else "ok"
        return f"{state:<4}  {self.name:<12}  {self.detail}{mend}"
