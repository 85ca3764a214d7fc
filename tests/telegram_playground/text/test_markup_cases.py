"""What Telegram makes of markup and finds by itself: cases of tdlib's parsers."""

import pytest

from telegram_playground.protocol.errors import ApiError
from telegram_playground.text.detect import found
from telegram_playground.text.message_text import parse, settle


def stored(text: str, mode: str) -> str:
    formatted = settle(parse(text, mode, ()), lambda number: {"id": number})
    spans = [f"{each['type']} {each['offset']}-{each['offset'] + each['length']}" for each in formatted.entities]
    return " | ".join([formatted.text, *spans])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (">a\n>b\nc", "a\nb\nc | blockquote 0-4"),
        (">*a\n>b*\nc", "a\nb\nc | blockquote 0-4 | bold 0-3"),
        ("*a\n>b\n*c", "a\nb\nc | bold 0-2 | blockquote 2-4 | bold 2-4"),
        ("a\r\n>b", "a\nb | blockquote 2-3"),
        ("a\r>b", "ab | blockquote 1-2"),
        (">`a\n>b`", "a\n>b | blockquote 0-4 | code 0-4"),
        (">a||", "a | expandable_blockquote 0-1"),
        (">a||\n>b", "a\nb | expandable_blockquote 0-1 | blockquote 2-3"),
        ("**>a\n>b||\nc", "a\nb\nc | expandable_blockquote 0-3"),
        (">a\n**>b", "a\nb | blockquote 0-2 | blockquote 2-3"),
        ("||x||", "x | spoiler 0-1"),
        ("![x](tg://time?unix=1700000000&format=wDT)", "x | date_time 0-1"),
        ("[x](nowhere)", "x"),
    ],
)
def test_markdown_v2_is_read_as_tdlib_reads_it(text: str, shown: str) -> None:
    assert stored(text, "MarkdownV2") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b hidden>x</b>", "x | bold 0-1"),
        ("<a href>x</a>", "x"),
        ("<blockquote expandable>x</blockquote>", "x | expandable_blockquote 0-1"),
        ('<tg-time unix="5" format="r">x</tg-time>', "x | date_time 0-1"),
        ("&lt;&#128;&#0;&unknown;", "<\x80&#0;&unknown;"),
        ("<b>a<i>b</b>", None),
    ],
)
def test_html_is_read_as_tdlib_reads_it(text: str, shown: str | None) -> None:
    if shown is None:
        with pytest.raises(ApiError, match='Unmatched end tag at byte offset 8, expected "</i>", found "</b>"'):
            stored(text, "HTML")
    else:
        assert stored(text, "HTML") == shown


@pytest.mark.parametrize(
    ("mode", "text", "reason"),
    [
        ("MarkdownV2", ">*a\nb*", "can't parse entities: Can't find end of Bold entity at byte offset 1"),
        ("MarkdownV2", "*b\n>q*", "can't parse entities: Can't find end of Bold entity at byte offset 5"),
        ("MarkdownV2", "![x](http://a.b)", "can't parse entities: Custom emoji URL must have an emoji identifier"),
        ("HTML", "<b", "can't parse entities: Unclosed start tag at byte offset 0"),
        ("HTML", "é<x>", 'can\'t parse entities: Unsupported start tag "x" at byte offset 2'),
        ("HTML", "&#xD800;", "strings must be encoded in UTF-8"),
        ("Markdown", "é_x", "can't parse entities: Can't find end of the entity starting at byte offset 2"),
    ],
)
def test_markup_is_refused_as_tdlib_refuses_it(mode: str, text: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        stored(text, mode)
    assert refused.value.description == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("see example.com.", "url example.com"),
        ("https://a.b.onion/x#", "url https://a.b.onion/x"),
        ("http://u:p@host.com:80/x", "url http://u:p@host.com:80/x"),
        ("user:pw@host.com", "url user:pw@host.com"),
        ("1.2.3.4:80", "url 1.2.3.4:80"),
        ("1.2.3.400", ""),
        ("a.com:65536 a.com:8080", "url a.com:8080"),
        ("foo.ton сайт.москва a.xn--p1ai", "url foo.ton, url сайт.москва, url a.xn--p1ai"),
        ("http://a.xn--p1ai http://b.anything", "url http://a.xn--p1ai, url http://b.anything"),
        ("(http://x.com/a_(b))", "url http://x.com/a_(b)"),
        ("x.com/a) x.com/?!", "url x.com/a, url x.com/"),
        ("$TEST@abc $AB $toolong", "cashtag $TEST@abc, cashtag $AB"),
        ("+1 202 555-0123, 3+4", "phone_number +1 202 555-0123"),
        ("a.b@c.com", "email a.b@c.com"),
        ("tg://resolve?domain=x", "url tg://resolve?domain=x"),
        ("node.js wow...ok и т.д. 3.14", ""),
    ],
)
def test_what_telegram_finds_by_itself(text: str, what: str) -> None:
    assert ", ".join(f"{span.kind} {text[span.start : span.end]}" for span in found(text)) == what
