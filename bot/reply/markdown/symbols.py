"""Symbols: what the commands of LaTeX look like in Unicode, and which of them show nothing or their argument."""


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYMBOLS = _pairs(r"""
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
BLANKS = frozenset({",", ";", ":", " ", "\n", "quad", "qquad", "enspace", "thinspace", "medspace", "hfill", ">"})
SILENT = _words("""
! left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle limits nolimits displaystyle textstyle scriptstyle
nonumber notag hline rm bf it mathstrut relax
""")
PLAIN = _words("""
text textbf textit textrm textsf texttt mathrm mathbf mathit mathsf mathtt mathcal mathfrak mathscr boldsymbol bm
operatorname mbox hbox boxed underline underbrace overbrace ce mathop mathbin mathrel emph cancel pmb
""")
IGNORED_ARGUMENT = frozenset({"label", "color", "vspace", "hspace", "phantom", "textcolor", "vphantom"})
ACCENTS = {
    name: chr(int(code, 16))
    for name, code in _pairs(
        "hat 302 widehat 302 bar 304 overline 305 vec 20d7 overrightarrow 20d7 dot 307 ddot 308 tilde 303 "
        "widetilde 303 acute 301 grave 300 breve 306 check 30c mathring 30a"
    ).items()
}
DOUBLE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟙")
SUPERSCRIPTS = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθ′*,",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿ′*,",
)
SUBSCRIPTS = str.maketrans("0123456789+-=()aehijklmnoprstuvxβγρφχ,", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,")
ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
BRACKETS = {
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
