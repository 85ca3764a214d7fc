"""Rich messages: sources, limits and unfinished markup."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegram_playground.client import Chat, PlaygroundClient
from telegram_playground.text.rich.html import html_blocks
from telegram_playground.text.rich.markdown import markdown_blocks
from tests.telegram_playground.raw_bot import RawBot

MARKDOWN = """# Title *now*

Some **bold**, `code` and [a link](http://example.com).

- one
- [x] two
  1. deep

> quote

| a | b |
|---|--:|
| 1 | 2 |

$$x^2$$

---
```py
x = 1
```
"""


async def test_markdown_becomes_blocks(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    message = await raw("sendRichMessage", chat_id=chat.id, rich_message={"markdown": MARKDOWN})

    blocks = message["rich_message"]["blocks"]
    kinds = ["heading", "paragraph", "list", "blockquote", "table", "mathematical_expression", "divider", "pre"]
    assert [block["type"] for block in blocks] == kinds
    assert blocks[0]["text"] == ["Title ", {"type": "italic", "text": "now"}]
    assert blocks[1]["text"][1] == {"type": "bold", "text": "bold"}
    assert blocks[1]["text"][5] == {"type": "url", "text": "a link", "url": "http://example.com/"}
    assert blocks[2]["items"][1]["is_checked"] is True
    assert blocks[2]["items"][1]["blocks"][1]["items"][0]["label"] == "1."
    assert [[cell["text"] for cell in row] for row in blocks[4]["cells"]] == [["a", "b"], ["1", "2"]]
    assert blocks[4]["cells"][1][1]["align"] == "right"
    assert blocks[7] == {"type": "pre", "text": "x = 1", "language": "py"}
    assert "text" not in message
    assert "Title now" in (await people.transcript(chat))[-1]["text"]


async def test_html_becomes_blocks(raw: RawBot, chat: Chat) -> None:
    html = (
        "<h2>T</h2><p>a <b>b</b></p><ul><li>x<li>y</ul><table bordered><tr><th>1<td>2</table>"
        '<details open><summary>s</summary>in</details><pre><code class="language-py">a\n b</code></pre>loose'
    )

    message = await raw("sendRichMessage", chat_id=chat.id, rich_message={"html": html})

    blocks = message["rich_message"]["blocks"]
    assert [block["type"] for block in blocks] == [
        "heading",
        "paragraph",
        "list",
        "table",
        "details",
        "pre",
        "paragraph",
    ]
    assert len(blocks[2]["items"]) == 2
    assert blocks[3]["cells"][0][0]["is_header"] is True
    assert (blocks[4]["summary"], blocks[4]["is_open"]) == ("s", True)
    assert blocks[5] == {"type": "pre", "text": "a\n b", "language": "py"}


async def test_blocks_can_be_given_as_they_are(raw: RawBot, chat: Chat) -> None:
    blocks = [{"type": "list", "items": [{"blocks": [{"type": "paragraph", "text": "x"}]}]}]

    message = await raw("sendRichMessage", chat_id=chat.id, rich_message={"blocks": blocks})

    assert message["rich_message"]["blocks"][0]["items"][0]["label"] == "•"


def _nested(levels: int) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "paragraph", "text": "x"}
    for _ in range(levels - 1):
        block = {"type": "blockquote", "blocks": [block]}
    return {"blocks": [block]}


def _table(columns: int) -> dict[str, Any]:
    return {"markdown": "|a" * columns + "|\n" + "|-" * columns + "|\n"}


def _media(count: int) -> dict[str, Any]:
    media = [{"id": f"m{number}", "media": {"type": "photo", "media": "x"}} for number in range(count)]
    return {"markdown": "x", "media": media}


def _buttons(count: int) -> dict[str, Any]:
    return {"blocks": [{"type": "buttons", "buttons": [{"text": "x", "callback_data": "x"}] * count}]}


@pytest.mark.parametrize(
    ("fits", "over"),
    [
        ({"markdown": "x" * 32768}, {"markdown": "x" * 32769}),
        ({"markdown": "x\n\n" * 500}, {"markdown": "x\n\n" * 501}),
        (_nested(16), _nested(17)),
        (_table(20), _table(21)),
        (_media(50), _media(51)),
        (_buttons(8), _buttons(9)),
        ({"markdown": "x"}, {"markdown": "x", "html": "x"}),
        ({"html": "x"}, {}),
        ({"markdown": "---"}, {"markdown": " \n "}),
    ],
    ids=["characters", "blocks", "levels", "columns", "media", "buttons", "one source", "no source", "nothing in it"],
)
async def test_a_rich_message_has_limits(raw: RawBot, chat: Chat, fits: dict[str, Any], over: dict[str, Any]) -> None:
    assert (await raw.call("sendRichMessage", chat_id=chat.id, rich_message=fits)).status == 200
    assert (await raw.call("sendRichMessage", chat_id=chat.id, rich_message=over)).status == 400


@pytest.mark.parametrize(
    "source", [{"html": "<tg-thinking>hm</tg-thinking>"}, {"blocks": [{"type": "thinking", "text": "hm"}]}]
)
async def test_thinking_is_for_drafts_only(raw: RawBot, chat: Chat, source: dict[str, Any]) -> None:
    assert await raw("sendRichMessageDraft", chat_id=chat.id, draft_id=7, rich_message=source) is True
    assert await raw.refused("sendRichMessage", chat_id=chat.id, rich_message=source) == (
        "Bad Request: thinking blocks are allowed only in drafts"
    )


@pytest.mark.parametrize("cut", range(1, len(MARKDOWN), 7))
async def test_a_draft_takes_any_beginning_of_a_markdown_text(raw: RawBot, chat: Chat, cut: int) -> None:
    draft = {"chat_id": chat.id, "draft_id": 7, "rich_message": {"markdown": MARKDOWN[:cut]}}

    assert await raw("sendRichMessageDraft", **draft) is True


@given(st.text(alphabet="a#*_`~|[]()<>/!-+.1 \n>$=\\", max_size=80))
def test_no_markdown_breaks_the_parser(text: str) -> None:
    assert isinstance(markdown_blocks(text, levels=16), list)


@given(
    st.lists(
        st.sampled_from(
            [
                "<li>",
                "<ul>",
                "</ul>",
                "<p>",
                "<b>",
                "</b>",
                "<td>",
                "<tr>",
                "<table>",
                "</table>",
                "x",
                "<pre>",
                "<code>",
                "<details>",
                "<summary>",
                "</p>",
                "<a href=x>",
                "<br>",
                "<hr>",
            ]
        ),
        max_size=25,
    )
)
def test_no_html_breaks_the_parser(tags: list[str]) -> None:
    assert isinstance(html_blocks("".join(tags), levels=16), list)


@pytest.mark.parametrize("piece", ["*", "_a", "[", "> ", "- ", "`", "|", "<ul>", "**a", "# ", "$", "||a", "1. "])
def test_hostile_markdown_takes_no_longer_than_it_should(piece: str) -> None:
    text = piece * (32768 // len(piece))
    start = time.process_time()

    markdown_blocks(text, levels=16)

    assert time.process_time() - start < 3
