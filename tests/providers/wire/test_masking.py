"""What is secret is taken out of a service's words, in whatever form it repeats it."""

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

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
    for cut in range(1, len(said)):
        assert ODD[:8].lower() not in mask(f"x {said[:-cut]}", ODD).lower()


def test_a_password_in_an_address_is_masked_as_it_is_sent() -> None:
    assert {*passwords_in("http://user:p%40ssword@host/v1")} == {"p%40ssword", "p@ssword"}
    assert [*passwords_in("http://[::1")] == []
    assert mask("Authorization: Basic dXNlcjpwQHNzd29yZA==") == "Authorization: ***"
