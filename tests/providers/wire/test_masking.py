"""What is secret is taken out of a service's words, in whatever form it repeats it."""

import itertools
import json
import struct
import time
import timeit
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.wire.masking import mask, passwords_in

KEY = "sk-proj-0123456789abcdef"
ODD = "s3cret/+&<key>="


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"the key {KEY} is wrong", "the key *** is wrong"),
        ("the key hunter22 is wrong", "the key *** is wrong"),
        ("cut off: hunter2", "cut off: ***"),
        ("http://user:pw@host/x", "http://***@host/x"),
        ("Bearer abcd.efgh", "Bearer ***"),
        ("a task, skateboarding-lessons, x@y.z", "a task, skateboarding-lessons, x@y.z"),
        ("gsk_0123456789abcdef and AIza0123456789abcdef", "*** and ***"),
    ],
)
def test_credentials_are_masked(text: str, masked: str) -> None:
    assert mask(text, "hunter22", "") == masked


@pytest.mark.parametrize(
    "said",
    [
        ODD,
        ODD.upper(),
        quote(ODD, safe=""),
        quote(ODD, safe="").lower(),
        quote(quote(ODD, safe="")),
        quote(ODD),
        "s3cret\\/+&<key>=",
        "s3cret&#47;&#x2B;&<key>\\u003d",
        "".join(f"%{byte:02X}" for byte in ODD.encode()),
        "s3cret/+&amp;&lt;key&gt;=",
        ODD.encode().hex(),
        *(b64encode(f"{before}{ODD}".encode()).decode() for before in ("", "u:", "me:", "user:")),
        *(urlsafe_b64encode(f"{before}{ODD}:more".encode()).decode() for before in ("", "u:", "me:", "user:")),
    ],
)
def test_a_secret_is_masked_in_every_form(said: str) -> None:
    masked = mask(f"x {said} y", ODD)

    assert "***" in masked
    assert len(masked) <= len("x 123456789***123456789 y")  # what stands around it in base64 may be left


NAMES = {"/": "sol", "+": "plus", "&": "amp", "<": "lt", "=": "equals", "%": "percnt", "ä": "auml"}
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON, what must be": lambda character: json.dumps(character)[1:-1],
    "JSON, all": lambda character: "".join(f"\\u{code:04X}" for code in utf_16(character)),
    "JSON of JSON": lambda character: "".join(f"\\\\u{code:04x}" for code in utf_16(character)),
    "a backslash": lambda character: character if character.isalnum() else f"\\{character}",
    "bytes of Python": lambda character: "".join(f"\\x{byte:02x}" for byte in character.encode()),
    "an address": lambda character: quote(character, safe=""),
    "a form": quote_plus,
    "percent, all": lambda character: "".join(f"%{byte:02x}" for byte in character.encode()),
    "percent, twice": lambda character: quote(quote(character, safe="")),
    "HTML": escape,
    "HTML, twice": lambda character: escape(escape(character)),
    "HTML, names": lambda character: f"&{NAMES[character]};" if character in NAMES else character,
    "HTML, decimal": lambda character: f"&#{ord(character)};",
    "HTML, hexadecimal": lambda character: f"&#x{ord(character):X};",
    "HTML in JSON": lambda character: json.dumps(escape(character))[1:-1],
    "hexadecimal digits": lambda character: character.encode().hex(),
}
SECRETS = st.text("abcXYZ019-_/+&<=%;ä€𝄞 ", min_size=12, max_size=40).filter(lambda text: text.strip() == text)
LEFT = 8  # characters of a secret of which some may be left


def utf_16(text: str) -> tuple[int, ...]:
    data = text.encode("utf-16-be")
    return struct.unpack(f">{len(data) // 2}H", data)


@given(SECRETS, st.sampled_from([*WAYS]), st.data())
def test_of_a_secret_that_is_escaped_and_cut_off_no_more_than_a_few_characters_are_left(
    secret: str, way: str, data: st.DataObject
) -> None:
    pieces = [WAYS[way](character) for character in secret]
    said = "".join(pieces)
    begin = data.draw(st.integers(0, len(said)))
    end = data.draw(st.integers(begin, len(said)))
    before, after = ("key: " if begin == 0 else ""), (", bad" if end == len(said) else "")

    masked = mask(before + said[begin:end] + after, secret)

    places = [0, *itertools.accumulate(map(len, pieces))]
    for first in range(len(secret) - LEFT + 1):
        if begin <= places[first] and places[first + LEFT] <= end:
            assert said[places[first] : places[first + LEFT]] not in masked


@given(SECRETS, st.text("abc:", max_size=5), st.booleans(), st.data())
def test_of_a_secret_in_base64_no_more_than_a_few_characters_are_left(
    secret: str, before: str, is_safe: bool, data: st.DataObject
) -> None:
    encode = urlsafe_b64encode if is_safe else b64encode
    said = encode(f"{before}{secret}:more".encode()).decode()
    begin = data.draw(st.integers(0, len(said)))
    said = said[begin : data.draw(st.integers(begin, len(said)))]

    left = mask(said, secret).split("***")

    runs = [run[at:].rstrip("=") for run in left for at in range(4)]
    others = b"-_" if is_safe else b"+/"
    texts = [b64decode(f"{run}AAA"[: (len(run) + 3) // 4 * 4], others)[: len(run) * 6 // 8] for run in runs]
    whole = secret.encode()
    pieces = {whole[at : at + LEFT] for at in range(len(whole) - LEFT + 1)}
    assert not any(piece in text for piece in pieces for text in texts)


@pytest.mark.proof
@pytest.mark.parametrize("piece", ["%", "\\", "&", "&#", "\\u", "a", "7", "%25", "&amp;", "\\\\", KEY[:-1]])
def test_the_time_for_it_grows_with_the_text_and_no_faster(piece: str) -> None:
    def took_s(length: int) -> float:
        text = piece * (length // len(piece))
        return min(timeit.repeat(lambda: mask(text, KEY, ODD), timer=time.process_time, number=1, repeat=3))

    assert took_s(32_000) < 40 * took_s(4_000)  # eight times the text; 64 times the time would be its square


def test_an_address_that_is_masked_takes_no_other_one_along() -> None:
    assert mask("not http://proxy:1 but http://b/", "http://proxy:1") == "not *** but http://b/"


def test_a_password_in_an_address_is_masked_as_it_is_sent() -> None:
    assert {*passwords_in("http://user:p%40ssword@host/v1")} == {"p%40ssword", "p@ssword"}
    assert [*passwords_in("http://[::1")] == []
    assert mask("Authorization: Basic dXNlcjpwQHNzd29yZA==") == "Authorization: ***"
