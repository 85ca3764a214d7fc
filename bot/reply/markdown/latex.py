"""Formulas as readable text: `\\frac{x^2}{2}` is shown as x²/2. What is not known stays as it is written."""

import re
import unicodedata

from bot.reply.markdown import symbols

MAX_DEPTH = 24  # of groups in groups; deeper ones are no formula and stay as they are

_PIECE = re.compile(r"\\(?:[a-zA-Z]+|.|$)|\s+|.", re.DOTALL)
_ROW_GAP = re.compile(r"\s*\[\s*[-+]?[\d.]+\s*(?:pt|em|ex|mm|cm|in|px|mu|bp|pc|sp|dd|cc)\s*\]")
_SPACES = re.compile(r" *\n *| {2,}")
_PADDING = re.compile(r"(?<=[(\[|∂]) |(?<=∂²) | (?=[)\],;.])")
_SMALL = "′⁰-⁹⁺-ⁿ²³¹₀-₎\u0300-\u036f"  # beside those that are letters
_FACTOR = re.compile(rf"(?:[d√]|∂ ?)?\w[{_SMALL}ᵃ-ᶿᴬ-ᵥₐ-ₜⱼ]*|[\d.,]*\d")
_PRODUCT = re.compile(rf"(?:[\w.!·{_SMALL}]|∂ ?|√(?=\w)|(?<=²) )+")


def readable(latex: str) -> str:
    """Return the formula `latex` in Unicode; unfinished and wrong ones are read as far as they go."""
    text = _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", _Reader(latex).read())
    return _PADDING.sub("", text).strip()


class _Reader:
    def __init__(self, latex: str) -> None:
        self._pieces = _PIECE.findall(latex)
        self._position = 0
        self._depth = 0

    def read(self, *ends: str) -> str:
        """Read up to one of the tokens `ends`, and over it."""
        out: list[str] = []
        while (piece := self._next()) and piece not in ends:
            out.append(self._item(piece))
        return "".join(out)

    def _next(self) -> str:
        if self._position >= len(self._pieces):
            return ""
        self._position += 1
        return str(self._pieces[self._position - 1])

    def _argument(self) -> str:
        piece = self._next()
        while piece.isspace():
            piece = self._next()
        return self._item(piece).strip(" ")

    def _item(self, piece: str) -> str:
        if self._depth > MAX_DEPTH:
            return piece
        self._depth += 1
        try:
            return self._read_item(piece)
        finally:
            self._depth -= 1

    def _read_item(self, piece: str) -> str:
        if piece.startswith("\\"):
            return self._command(piece[1:])
        if piece == "{":
            return self.read("}")
        if piece in ("^", "_"):
            return _script(piece, self._argument())
        if piece.isspace():
            return " "
        return {"}": "", "&": " ", "~": " ", "'": "′", "$": ""}.get(piece, piece)

    def _command(self, name: str) -> str:
        if name in symbols.SYMBOLS:
            return symbols.SYMBOLS[name]
        if name in symbols.BLANKS:
            return " "
        if name in symbols.SILENT:
            return self._delimiter() if name in ("left", "right") else ""
        if name in symbols.PLAIN:
            return self._text() if name.startswith(("text", "mbox")) else self._argument()
        if name in symbols.ACCENTS:
            return _accented(self._argument(), symbols.ACCENTS[name])
        if name in symbols.IGNORED_ARGUMENT:
            self._argument()
            return ""
        return self._structure(name)

    def _structure(self, name: str) -> str:
        match name:
            case "\\":
                return "\n" + self._skip_gap()
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                return _fraction(self._argument(), self._argument())
            case "sqrt":
                return self._root()
            case "binom" | "dbinom" | "tbinom":
                return f"C({self._argument()}, {self._argument()})"
            case "mathbb" | "mathds":
                return self._argument().translate(symbols.DOUBLE)
            case "overset" | "stackrel" | "underset":
                script, base = self._argument(), self._argument()
                return base + _script("_" if name == "underset" else "^", script)
            case "pmod":
                return f"(mod {self._argument()})"
            case "tag":
                return f" ({self._argument()})"
            case "not":
                return {"=": "≠", "∈": "∉"}.get(symbol := self._argument(), symbol + "\u0338")
            case "begin":
                return self._environment(self._argument())
            case "end":
                self._argument()
                return ""
        if self._position < len(self._pieces) and self._pieces[self._position] == "{":
            return f"\\{name}{{{self._argument()}}}"
        return "\\" + name

    def _delimiter(self) -> str:
        """Pass over the dot that stands for no bracket."""
        if self._position < len(self._pieces) and self._pieces[self._position] == ".":
            self._position += 1
        return ""

    def _text(self) -> str:
        """Read the words of `\\text{…}`, blanks included."""
        if self._position < len(self._pieces) and self._pieces[self._position] == "{":
            self._position += 1
            return self.read("}")
        return self._argument()

    def _root(self) -> str:
        index = ""
        if self._position < len(self._pieces) and self._pieces[self._position] == "[":
            self._position += 1
            index = self.read("]").strip()
        sign = symbols.ROOTS.get(index) or index.translate(symbols.SUPERSCRIPTS) + "√"
        radicand = self._argument()
        return f"{sign}{radicand}" if len(radicand) < 2 or radicand.isalnum() else f"{sign}({radicand})"

    def _environment(self, name: str) -> str:
        name = name.rstrip("*")
        if name == "array":
            self._argument()
        body = self._rows(name)
        if name not in symbols.BRACKETS:
            return "\n" + body + "\n"
        left, right = symbols.BRACKETS[name]
        return left + "; ".join(row.strip() for row in body.split("\n") if row.strip()) + right

    def _rows(self, name: str) -> str:
        out: list[str] = []
        while piece := self._next():
            if piece == "\\end":
                self._argument()
                break
            out.append(self._item(piece))
        return "".join(out).strip()

    def _skip_gap(self) -> str:
        """Pass over the distance in `\\\\[2pt]`."""
        if match := _ROW_GAP.match("".join(self._pieces[self._position : self._position + 12])):
            skipped = 0
            while skipped < match.end():
                skipped += len(self._next())
        return ""


def _script(sign: str, text: str) -> str:
    """Raise or lower `text`, by Unicode's small characters where it has them all."""
    if sign == "^" and text in ("∘", "°"):
        return "°"
    table, narrow = (symbols.SUPERSCRIPTS if sign == "^" else symbols.SUBSCRIPTS), text.replace(" ", "")
    if all(ord(character) in table for character in narrow):
        return narrow.translate(table)
    return f"{sign}{text}" if len(text) == 1 or (sign == "_" and text.isalnum()) else f"{sign}({text})"


def _fraction(above: str, below: str) -> str:
    if above and not _PRODUCT.fullmatch(above):
        above = f"({above})"
    if not below:
        return above
    return f"{above}/{below} " if _FACTOR.fullmatch(below) else f"{above}/({below})"


def _accented(text: str, accent: str) -> str:
    """Put `accent` on each character of an overlined text, else on the last."""
    accented = "".join(character + accent for character in text) if accent == "\u0305" else text + accent
    return unicodedata.normalize("NFC", accented)
