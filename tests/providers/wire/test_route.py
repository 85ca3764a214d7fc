from http.cookies import SimpleCookie

from providers.wire.route import cookie_jar, secrets


async def test_a_jar_keeps_the_cookies_of_an_ip_address() -> None:
    jar = cookie_jar("http://127.0.0.1:9000/x")
    cookies = SimpleCookie({"session": "0123456789"})
    cookies["session"].update({"domain": "127.0.0.1", "path": "/", "secure": "yes"})

    jar.update_cookies(cookies)

    assert [morsel.value for morsel in jar] == ["0123456789"]


async def test_what_is_too_short_to_be_a_secret_is_not_masked() -> None:
    jar = cookie_jar("http://localhost")
    jar.update_cookies({"session": "0123456789", "language": "en"})

    assert secrets("T", "", "token-1", cookies=jar) == ["token-1", "0123456789"]
    assert secrets() == []
