"""How formulas read without LaTeX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply.markdown.latex import readable

PIECES = [
    "\\frac",
    "\\sqrt",
    "{",
    "}",
    "^",
    "_",
    "[",
    "]",
    "\\begin{cases}",
    "\\end{cases}",
    "&",
    "\\\\",
    "\\left",
    "\\",
    "x",
    "2",
]


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", "x = (-b ± √(b² - 4ac))/(2a)"),
        (r"\sum_{i=1}^{n} i^2 = \frac{n(n+1)}{6}", "∑ᵢ₌₁ⁿ i² = (n(n+1))/6"),
        (r"\int_0^\infty e^{-x^2} \, dx", "∫₀^∞ e^(-x²) dx"),
        (r"\lim_{x \to 0} \frac{\sin x}{x} = 1", "lim_(x → 0) (sin x)/x = 1"),
        (r"\frac{1}{2}mv^2, \frac12", "1/2 mv², 1/2"),
        (r"\frac{dy}{dx}, \frac{\partial^2 u}{\partial t^2}", "dy/dx, ∂²u/∂t²"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a b; c d)"),
        (r"\begin{cases} x & \text{if } x \geq 0 \\ -x & \text{else} \end{cases}", "{ x if x ≥ 0; -x else"),
        (r"\begin{align} a &= b \\[2pt] &= c \end{align}", "a = b\n= c"),
        (r"\left( \frac{a}{b} \right)^2, \left.f\right|_0", "(a/b)², f|₀"),
        (r"\mathbb{R}^n, \mathbf{F}, \hat{y}, \overline{AB}", "ℝⁿ, F, ŷ, A̅B̅"),
        (r"90^\circ, x', a \not= b, \sqrt[3]{27}, \binom{n}{k}", "90°, x′, a ≠ b, ∛27, C(n, k)"),
        (r"x_{\text{max}}, x_{b}, e^{i\pi}", "xₘₐₓ, x_b, e^(iπ)"),
        (r"\{1, \ldots, n\} \subseteq \mathbb{N}", "{1, …, n} ⊆ ℕ"),
        (r"A \implies B, \alpha\beta, 5\,\text{km}, 100\%", "A ⟹ B, αβ, 5 km, 100%"),
        (r"\unknown{x} \other", r"\unknown{x} \other"),
    ],
)
def test_a_formula_is_readable(latex: str, text: str) -> None:
    assert readable(latex) == text


def test_only_a_distance_is_passed_over_after_a_line_break() -> None:
    assert readable(r"a \\[2pt] b") == readable(r"a \\ b")
    assert "x" in readable(r"\\[x]")
    assert "2" in readable(r"\\[2]")


@pytest.mark.parametrize("latex", [r"\frac{", r"\frac{a}", r"\sqrt{x", "x^", r"\begin{cases} a", "}", "{" * 4000])
def test_an_unfinished_formula_is_read_as_far_as_it_goes(latex: str) -> None:
    assert readable(latex) == readable(latex + " ")


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_letter_of_any_formula_is_lost(latex: str) -> None:
    shown = readable(latex)

    assert sum(shown.count(each) for each in "xˣₓ") >= latex.count("x")
    assert sum(shown.count(each) for each in "2²₂√") >= latex.count("2")
