"""Formulas as readable text: `\\frac{x^2}{2}` is shown as x²/2. What is not known stays as it is written."""

import re
import unicodedata

MAX_DEPTH = 24  # of groups in groups; deeper ones are no formula and stay as they are

_PIECE = re.compile(r"\\(?:[a-zA-Z]+|.|$)|\s+|.", re.DOTALL)
_ROW_GAP = re.compile(r"\s*\[[^\]]*\]")
_SPACES = re.compile(r" *\n *| {2,}")
_PADDING = re.compile(r"(?<=[(\[|∂]) |(?<=∂²) | (?=[)\],;.])")
_SMALL = "′⁰-⁹⁺-ⁿ²³¹₀-₎\u0300-\u036f"  # beside those that are letters
_FACTOR = re.compile(rf"(?:[d√]|∂ ?)?\w[{_SMALL}ᵃ-ᶿᴬ-ᵥₐ-ₜⱼ]*|[\d.,]*\d")
_PRODUCT = re.compile(rf"(?:[\w.!·{_SMALL}]|∂ ?|√(?=\w)|(?<=²) )+")


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SYMBOLS = _pairs(r"""
alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν
xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
times × cdot · div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨
cap ∩ cup ∪ setminus ∖ backslash \ neg ¬ lnot ¬ sqcup ⊔ sqcap ⊓ dagger † ddagger ‡ amalg ⨿ wr ≀
leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ neq ≠ ne ≠ ll ≪ gg ≫ approx ≈ approxeq ≊ sim ∼ simeq ≃ cong ≅ equiv ≡
propto ∝ asymp ≍ doteq ≐ prec ≺ succ ≻ preceq ⪯ succeq ⪰ parallel ∥ perp ⊥ mid ∣ nmid ∤ models ⊨ vdash ⊢ dashv ⊣ vDash ⊨
in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ nsubseteq ⊈ emptyset ∅ varnothing ∅ complement ∁
forall ∀ exists ∃ nexists ∄ therefore ∴ because ∵ top ⊤ bot ⊥ qed ∎ square □ Box □ blacksquare ■ diamond ⋄ Diamond ◇
triangle △ triangleq ≜ coloneqq ≔ angle ∠ measuredangle ∡ degree ° prime ′ checkmark ✓
to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸
iff ⟺ longrightarrow ⟶ longleftarrow ⟵ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼
uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ hookrightarrow ↪
hookleftarrow ↩ rightleftharpoons ⇌ leftrightarrows ⇆ rightharpoonup ⇀ leadsto ⇝
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀
partial ∂ nabla ∇ infty ∞ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ wp ℘ imath ı jmath ȷ
ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ dotsc … dotsb ⋯ colon :
langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } lbrack [ rbrack ] lvert | rvert | vert | lVert ‖
rVert ‖ Vert ‖ | ‖ { { } } % % $ $ # # & & _ _ S § P ¶ copyright © pounds £ euro €
sin sin cos cos tan tan cot cot sec sec csc csc arcsin arcsin arccos arccos arctan arctan sinh sinh cosh cosh tanh tanh
log log ln ln lg lg exp exp lim lim limsup limsup liminf liminf max max min min sup sup inf inf arg arg argmax argmax
argmin argmin det det dim dim ker ker gcd gcd lcm lcm deg deg hom hom Pr Pr mod mod bmod mod
""")
_BLANKS = frozenset({",", ";", ":", " ", "\n", "quad", "qquad", "enspace", "thinspace", "medspace", "hfill", ">"})
_SILENT = _words("""
! left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle limits nolimits displaystyle textstyle scriptstyle
nonumber notag hline rm bf it mathstrut relax
""")
_PLAIN = _words("""
text textbf textit textrm textsf texttt mathrm mathbf mathit mathsf mathtt mathcal mathfrak mathscr boldsymbol bm
operatorname mbox hbox boxed underline underbrace overbrace ce mathop mathbin mathrel emph cancel pmb
""")
_IGNORED_ARGUMENT = frozenset({"label", "color", "vspace", "hspace", "phantom", "textcolor", "vphantom"})
_ACCENTS = {
    name: chr(int(code, 16))
    for name, code in _pairs(
        "hat 302 widehat 302 bar 304 overline 305 vec 20d7 overrightarrow 20d7 dot 307 ddot 308 tilde 303 "
        "widetilde 303 acute 301 grave 300 breve 306 check 30c mathring 30a"
    ).items()
}
_DOUBLE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟙")
_SUPERSCRIPTS = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθ′*,",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿ′*,",
)
_SUBSCRIPTS = str.maketrans("0123456789+-=()aehijklmnoprstuvxβγρφχ,", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,")
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_BRACKETS = {
    "matrix": ("", ""),
    "smallmatrix": ("", ""),
    "array": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "cases": ("{ ", ""),
}


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
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _BLANKS:
            return " "
        if name in _SILENT:
            return self._delimiter() if name in ("left", "right") else ""
        if name in _PLAIN:
            return self._text() if name.startswith(("text", "mbox")) else self._argument()
        if name in _ACCENTS:
            return _accented(self._argument(), _ACCENTS[name])
        if name in _IGNORED_ARGUMENT:
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
                return self._argument().translate(_DOUBLE)
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
        sign = _ROOTS.get(index) or index.translate(_SUPERSCRIPTS) + "√"
        radicand = self._argument()
        return f"{sign}{radicand}" if len(radicand) < 2 or radicand.isalnum() else f"{sign}({radicand})"

    def _environment(self, name: str) -> str:
        name = name.rstrip("*")
        if name == "array":
            self._argument()
        body = self._rows(name)
        if name not in _BRACKETS:
            return "\n" + body + "\n"
        left, right = _BRACKETS[name]
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
    table, narrow = (_SUPERSCRIPTS if sign == "^" else _SUBSCRIPTS), text.replace(" ", "")
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
