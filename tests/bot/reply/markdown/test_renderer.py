"""What a reader sees of a model's Markdown, whole and while it grows."""

import html
import importlib.metadata
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bench import stability
from bot.reply.markdown import Renderer, render
from tests.bot.looks import check, marked
from tests.signs import SIGNS
from tests.thorough import times

EXAMPLES: list[str] = json.loads((Path(__file__).parent / "commonmark.json").read_text(encoding="utf-8"))["examples"]
ANSWERS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(stability.ANSWERS.glob("*.md"))}

# Pieces that mean something in Markdown, and pieces that only look so: put together at random they are hard input.
MARKS = r"""
* ** *** _ __ ~~ || | ` `` ``` ~~~ # ## > >> - + 1. 2) [ ] ( ) ]( [x] [^1] ![ < > <b> </b> <br> & &amp; &#9; \ \( \)
\[ \] $ $$ \frac{1}{2} \begin{x} \end{x} |- |-| |:-:| --- === : = ~ ! . , https://a.b/c_d_ <https://a.b> http://a.b)
"title" snake_case 2*3 __init__ word a b 1 слово 重点 ： 。 😀 👩‍👩‍👧 é
"""
PIECES = [*MARKS.split(), *"\u0301\u202e\u2028\r\t\x00\ud83d\ude00  \n\n\n", "\n\n", "    ", "- ", "# "]
PROSE = "word/слово/重点/2/*/**/_/~~/||/`/```/~~~/# /> /- /1. /| /|-|/---/===/*a*/**b**/`c`/ / /, /    "
BROWSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}).enable("table")
UNCOUNTED = {35, 494}  # an entity in code that is not closed yet; an address with a bracket that is none
FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,}).*")
ADDRESS = re.compile(r"""\]\(\s*(?:<[^<>\n)]*|(?:<[^<>\n]*>|[^\s<>]*)(?:\s+(?:"[^"]*"?|'[^']*'?|\([^)]*\)?)?\s*)?)$""")

growing_markdown = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
prose = st.lists(st.sampled_from([*PROSE.split("/"), "\n", "\n", "\n\n"]), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("markdown", "look"),
    [
        # styles
        (
            "**bold** *italic* ~~gone~~ ||secret||",
            "[bold]bold[/] [italic]italic[/] [strikethrough]gone[/] [spoiler]secret[/]",
        ),
        (
            "***both*** and **bold *and italic***",
            "[bold][italic]both[/][/] and [bold]bold [/][bold][italic]and italic[/][/]",
        ),
        ("# Head **line**\ntext", "[bold]Head line[/]\ntext"),
        ("Title\n=====\ntext", "[bold]Title[/]\ntext"),
        ("**S**pecific, un**believ**able", "[bold]S[/]pecific, un[bold]believ[/]able"),
        ("**Note:**text and **重点：**内容", "[bold]Note:[/]text and [bold]重点：[/]内容"),
        ("**bold `code` bold**", "[bold]bold [/][code]code[/][bold] bold[/]"),
        # what only looks like a style
        ("2*3*4, 2**3**4, f(x)*g(y)*2", "2*3*4, 2**3**4, f(x)*g(y)*2"),
        ("__init__ and snake_case_name and _private_", "__init__ and snake_case_name and [italic]private[/]"),
        ("a || b || c, a||b||c", "a || b || c, a||b||c"),
        ("std::vector<std::string> and List<int>", "std::vector<std::string> and List<int>"),
        ("<b>as written</b> <!-- too -->", "<b>as written</b> <!-- too -->"),
        ("R&D &lt;div&gt; &copy; \\*not italic\\*", "R&D <div> © *not italic*"),
        ("https://a.b/_next_/x_y_?q=*1*2", "https://a.b/_next_/x_y_?q=*1*2"),
        # code
        ("```python\nif x:\n\treturn\n```", "[pre python]if x:\n    return[/]"),
        ("Text:\n```\nopen", "Text:\n[pre]open[/]"),
        ("- item\n  ```c++\n  x;\n  ```\n- next", "• item\n[pre c++]x;[/]\n• next"),
        ("`a\tb` ``x`y``", "[code]a b[/] [code]x`y[/]"),
        ("    indented\n\ttoo", "[pre]indented\ntoo[/]"),
        ("```md\n# T\n```sh\nls\n```\nend\n```\nafter", "[pre markdown]# T\n```sh\nls\n```\nend[/]\nafter"),
        # lists
        ("- a\n  - b\n    - c\n- d", "• a\n    ◦ b\n        ▪ c\n• d"),
        ("3. a\n3. b\n\n   more\n\n4. c", "3. a\n4. b\n\nmore\n\n5. c"),
        ("- [ ] open\n- [x] done\n- [link](http://a.b)", "☐ open\n☑ done\n• [text_link http://a.b]link[/]"),
        ("Text:\n* a\n* b\n\nEnd", "Text:\n• a\n• b\n\nEnd"),
        # quotes
        ("> a **b**\n> c\n\nd", "[blockquote]a [bold]b[/]\nc[/]\n\nd"),
        ("> a\n> > b\n\n- > c", "[blockquote]a\n> b[/]\n\n•\n[blockquote]c[/]"),
        ("> " + "long " * 150, f"[expandable_blockquote]{('long ' * 150).strip()}[/]"),
        # links
        ('[t](http://a.b/c_(d)_e "title")', "[text_link http://a.b/c_(d)_e]t[/]"),
        (
            "[`code`](http://a.b) [**b**](http://a.b)",
            "[text_link http://a.b]code[/] [text_link http://a.b][bold]b[/][/]",
        ),
        (
            "![alt](http://a.b/c.png) ![](http://a.b/c.png)",
            "[text_link http://a.b/c.png]🖼 alt[/] [text_link http://a.b/c.png]🖼 c.png[/]",
        ),
        ("[![badge](http://a.b/c.svg)](http://d.e)", "[text_link http://d.e]🖼 badge[/]"),
        (
            "[rel](docs/x.md) [mail](mailto:a@b.c) [you](tg://user?id=1)",
            "rel mail (a@b.c) you (tg://user?id=1)",
        ),
        ("<https://a.b/c_d_e> <a@b.c>", "[text_link https://a.b/c_d_e]https://a.b/c_d_e[/] a@b.c"),
        ("[1]: http://a.b\n\nsee [1]", "[1]: http://a.b\n\nsee [1]"),
        # rules
        ("a\n\n---\n\nb\n***", f"a\n\n{'─' * 10}\n\nb\n{'─' * 10}"),
        # formulas
        ("\\(a^2\\) and $b_1$ cost $5 and $10", "a² and b₁ cost $5 and $10"),
        ("so\n\\[\nx\n+ 1\n- 2\n\\]\nend", "so\nx + 1 - 2\nend"),
        ("$$\n\\frac{1}{2}\n$$", "1/2"),
        ("$HOME/bin:$PATH, US$5=AU$7, $$$", "$HOME/bin:$PATH, US$5=AU$7, $$$"),
        # tables
        ("| a | long |\n|--:|---|\n| 10 | x |", "[pre] a  long\n ─  ────\n10  x[/]"),
        ("|名|b|\n|-|-|\n|一二|c|", "[pre]名    b\n──    ─\n一二  c[/]"),
        ("|A|B|\n|-|-|\n|x|[y](http://a.b)|", "• A: [bold]x[/]\n    B: [text_link http://a.b]y[/]"),
        ("|A|B|\n|-|-|\n|x|one<br>two|\n||z|", "• A: [bold]x[/]\n    B: one\n    two\n• B: z"),
        # characters
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x1bc\u202ed", "a�b cd"),
        ("\ud83d\ude00 \ud83d x", "😀 � x"),
        ("**😀** *x*", "[bold]😀[/] [italic]x[/]"),
        ("**شكرا** عربي", "[bold]شكرا[/] عربي"),
        ("A\u030angstro\u0308m, x\u030a", "Ångstro\u0308m, x"),
        ("  \n\n text \n\n", "text"),
        ("\u200b **\u2800** \u3000", ""),
        ("", ""),
    ],
)
def test_markdown_looks_as_it_is_meant(markdown: str, look: str) -> None:
    assert marked(render(markdown)) == look


@pytest.mark.parametrize(
    ("begun", "look"),
    [
        ("some **bol", "some [bold]bol[/]"),
        ("some **", "some"),
        ("**bold*", "[bold]bold[/]"),
        ("**bold *and it", "[bold]bold [/][bold][italic]and it[/][/]"),
        ("a ~~b", "a [strikethrough]b[/]"),
        ("is `cod", "is [code]cod[/]"),
        ("see [the do", "see the do"),
        ("see [the docs](http://a.b/c", "see the docs"),
        ("see ![pic](http://a", "see pic"),
        ("as in [1", "as in [1"),
        ("on <https://a.b/c", "on https://a.b/c"),
        ("2**10 is", "2**10 is"),
        ("un**bel", "un**bel"),
        ("call __init", "call __init"),
        ("text\n-", "text"),
        ("text\n---", "text"),
        ("text\n#", "text"),
        ("text\n```pyth", "text"),
        ("text\n```python\nx = 1\n``", "text\n[pre python]x = 1[/]"),
        ("- a\n- [x", "• a"),
        ("- a\n- **b", "• a\n• [bold]b[/]"),
        ("> quote **b", "[blockquote]quote [bold]b[/][/]"),
        ("| a | b", "[pre]a  b[/]"),
        ("Text:\n| a | b |\n|--", "Text:\n[pre]a  b[/]"),
        ("| a | b |\n|---|---|\n| x | `y", "[pre]a  b\n─  ─\nx  y[/]"),
        ("so \\(x^2 + \\alp", "so x² +"),
        ("\\[\n\\frac{a}{b", "a/b"),
        ("half a smile \ud83d", "half a smile"),
        ("**closed by a blank line\n\nnext", "**closed by a blank line\n\nnext"),
    ],
)
def test_an_unfinished_text_shows_no_raw_marks(begun: str, look: str) -> None:
    assert marked(render(begun, partial=True)) == look


def test_a_long_quote_is_not_folded_while_it_grows() -> None:
    quote = "> " + "long " * 150

    looks = [render(quote, partial=True), render(quote + "\n\nafter", partial=True)]

    assert [look.entities[0].type for look in looks] == ["blockquote", "expandable_blockquote"]


def test_a_table_too_wide_for_a_phone_is_shown_as_records_that_keep_every_head() -> None:
    table = "| Name | Use | Price |\n|---|---|---|\n| **One** | for *everyday* work at home | |\n| Two | | $5 |"

    assert marked(render(table)) == (
        "• Name: [bold]One[/]\n    Use: for [italic]everyday[/] work at home\n    Price: —\n"
        "• Name: [bold]Two[/]\n    Price: $5"
    )


def test_less_than_one_percent_of_the_text_changes_behind_the_line_being_written() -> None:
    shown = [stability.frames(markdown, step) for markdown in ANSWERS.values() for step in stability.STEPS]

    found = [stability.changes(frames) for frames in shown]

    assert sum(each.behind for each in found) <= 0.01 * sum(each.shown for each in found)
    assert max(each.changed / each.shown for each in found) <= 0.05


@given(growing_markdown, st.booleans())
@settings(max_examples=times(26, 400))
def test_telegram_takes_every_prefix(markdown: str, partial: bool) -> None:
    for end in range(len(markdown) + 1):
        check(render(markdown[:end], partial=partial))


@given(st.text(SIGNS), st.booleans())
@settings(max_examples=times(13, 200))
def test_telegram_takes_any_text(markdown: str, partial: bool) -> None:
    check(render(markdown, partial=partial))


@given(st.lists(st.one_of(growing_markdown, st.sampled_from(EXAMPLES)), max_size=6).map("\n".join), st.data())
@settings(max_examples=times(20, 300))
def test_a_renderer_that_keeps_settled_blocks_shows_what_a_fresh_one_shows(markdown: str, data: st.DataObject) -> None:
    renderer = Renderer()
    for end in sorted(data.draw(st.lists(st.integers(0, len(markdown)), max_size=12))):
        partial = data.draw(st.booleans())

        assert renderer.render(markdown[:end], partial=partial) == render(markdown[:end], partial=partial)


@pytest.mark.parametrize("inside", ["||**", "| a | b", "$$\n> a_1", "\\begin{a}\n> x"])
def test_what_is_open_at_the_end_of_a_quote_is_no_more_when_the_quote_has_ended(inside: str) -> None:
    markdown = f"> {inside}\n***\nmore\n\nand more"

    shown = Renderer()
    shown.render(markdown, partial=True)

    assert shown.render(markdown) == render(markdown)


def test_a_renderer_starts_anew_when_the_text_is_taken_back() -> None:
    renderer = Renderer()
    renderer.render("# One\n\ntext\n\nmore\n", partial=True)

    assert renderer.render("# Two\n\ntext", partial=True) == render("# Two\n\ntext", partial=True)


def test_nothing_of_the_commonmark_examples_is_lost() -> None:
    chance = random.Random(7)

    for number, markdown in enumerate(EXAMPLES, start=1):
        assert not missing(markdown, partial=False), markdown
        for begun in {markdown[: chance.randrange(len(markdown))] for _ in range(8)}:
            assert number in UNCOUNTED or not missing(begun, partial=True), begun


def test_nothing_of_installed_readmes_is_lost() -> None:
    chance = random.Random(7)
    texts = list(readmes())[:: times(3, 1)]

    for text in texts:
        assert not missing(text, partial=False)
        for _ in range(4):
            begun = text[: chance.randrange(len(text))]
            assert not missing(begun, partial=True), begun[-200:]
    assert len(texts) > 5


@given(prose, st.booleans())
@settings(max_examples=times(26, 400))
def test_nothing_is_lost(markdown: str, partial: bool) -> None:
    assert not missing(markdown, partial=partial)


def test_the_rows_of_a_table_stay_as_they_were_shown_when_a_wider_one_comes() -> None:
    table = "|A|B|\n|-|-|\n|1|short|\n|2|also|\n|3|a cell that is wider than any phone can show it|\n|4|short|\n"
    begun = marked(render(table[: table.index("|3|")], partial=True))

    assert begun == "[pre]A  B\n─  ─\n1  short\n2  also[/]"
    assert marked(render(table)) == (
        f"{begun}\n• A: [bold]3[/]\n    B: a cell that is wider than any phone can show it\n"
        "• A: [bold]4[/]\n    B: short"
    )


@pytest.mark.parametrize(
    "text",
    [
        "```py\n" + "line = 1\n" * 2_000 + "```\nend",
        "|a|b|\n|-|-|\n" + "|1|2|\n" * 2_000 + "\nend",
        "- item\n" + "  - inner `x`\n" * 1_500 + "- next",
        "> quote\n" * 2_000 + "\nend",
        "word **bold** " * 2_000,
        "x" * 20_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_a_block_that_is_longer_than_a_window_goes_on_as_it_began(text: str) -> None:
    renderer = Renderer()
    for end in range(0, len(text), 1_000):
        renderer.render(text[:end], partial=True)

    whole = render(text)

    assert renderer.render(text) == whole
    assert not missing(text, partial=False)
    check(whole)
    assert len({entity.type for entity in whole.entities}) <= 1


@pytest.mark.parametrize(
    "hostile",
    [
        ">" * 1_000 + "a",
        "> - " * 500 + "a",
        "\n".join("  " * depth + "- a" for depth in range(120)),
        "[" * 2_000 + "a" + "](b)" * 2_000,
        "![" * 2_000 + "a" + "](b)" * 2_000,
        "*" * 5_000 + "a",
        "*a _b " * 2_000,
        "**a" * 300,
        "`a``b" * 2_000,
        "\\[a\n" * 500,
        "\\begin{a}\n" * 500,
        "\\(" + "\\frac{" * 500 + "\\)",
        "$x " * 300,
        "<" * 5_000,
        "&a" * 5_000,
        "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "|b|\n" * 100,
        "a\n" * 1_000,
        "- a\n" * 3_000,
        "word " * 5_000,
        "👨‍👩‍👧" * 2_000,
        "a" + "\u0301" * 10_000,
    ],
    ids=lambda text: repr(text[:8]),
)
@pytest.mark.parametrize("partial", [False, True])
def test_hostile_text_is_shown_as_telegram_takes_it(hostile: str, partial: bool) -> None:
    check(render(hostile, partial=partial))


def missing(markdown: str, *, partial: bool) -> Counter[str]:
    """Return the letters and digits that a browser would show of `markdown`, and that `render` does not."""
    shown = Counter(filter(str.isalnum, render(markdown, partial=partial).text))
    return visible(without_pending(markdown) if partial else markdown) - shown


def visible(markdown: str) -> Counter[str]:
    page = BROWSER.render(re.sub("<br ?/?>", "", markdown))
    page = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r"\1", page)
    return Counter(filter(str.isalnum, html.unescape(re.sub("<[^>]*>", "", page))))


def without_pending(markdown: str) -> str:
    """Take from the end what is no visible text once it is complete: an address, the language of code, a box."""
    head, end, line = markdown.rpartition("\n")
    if FENCE.fullmatch(line):
        return head + end
    return ADDRESS.sub("]", re.sub(r"\[[xX]\]?$", "", markdown))


def readmes() -> Iterator[str]:
    for distribution in importlib.metadata.distributions():
        head, _, text = (distribution.read_text("METADATA") or "").replace("\r", "").partition("\n\n")
        if "text/markdown" in head:
            yield text[:20_000]
