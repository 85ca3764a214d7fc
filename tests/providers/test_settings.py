"""Settings that all providers share."""

import pytest
from pydantic import ValidationError

from providers.services.openai import Settings


@pytest.mark.parametrize("url", ["https://h/v1", "https://h/v1/", "https://h/v1//"])
def test_an_address_has_no_slash_at_its_end(url: str) -> None:
    assert Settings(base_url=url).base_url == "https://h/v1"


@pytest.mark.parametrize("url", ["h", "h/v1", "ftp://h", "http://", "//h", "http://h:0"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="expected an address"):
        Settings(base_url=url)


def test_blanks_around_a_key_are_taken_off() -> None:
    key = Settings(api_key=" key\n").api_key

    assert key is not None
    assert key.get_secret_value() == "key"


@pytest.mark.parametrize("key", ["two words", "ключ", "a\nb", "a\x00b"])
def test_a_key_that_fits_into_no_header_is_refused_without_being_told(key: str) -> None:
    with pytest.raises(ValidationError, match="expected a key") as caught:
        Settings(api_key=key)

    assert key not in str(caught.value)
