"""Refusals in the words of real services, by status.

Sources: OpenAI, platform.openai.com/docs/guides/error-codes and openai-python's tests; DeepSeek,
api-docs.deepseek.com/quick_start/error_codes; Cloudflare's and nginx's own pages.
"""

from collections.abc import Callable

from telegram_playground.model.answer import Refusal


def openai(status: int, message: str, kind: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """Return an error object of OpenAI's."""
    return Refusal(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """Return what is wrong about a request."""
    return openai(400, message, "invalid_request_error", param=param, code=code)


def wrong_key() -> Refusal:
    """Refuse a key."""
    message = (
        "Incorrect API key provided: sk-wrong*******************key. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    return openai(401, message, "invalid_request_error", code="invalid_api_key")


def no_money() -> Refusal:
    """Refuse for an empty account, as DeepSeek does."""
    return openai(402, "Insufficient Balance", "unknown_error", code="invalid_request_error")


def no_quota() -> Refusal:
    """Refuse for an empty account with the status of a limit, as OpenAI does."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return openai(429, message, "insufficient_quota", code="insufficient_quota")


def no_country() -> Refusal:
    """Refuse a country."""
    message = "Country, region, or territory not supported"
    return openai(403, message, "request_forbidden", code="unsupported_country_region_territory")


def no_model(name: str) -> Refusal:
    """Refuse a model that is not there."""
    message = f"The model `{name}` does not exist or you do not have access to it."
    return openai(404, message, "invalid_request_error", code="model_not_found")


def too_long(tokens: int = 8192) -> Refusal:
    """Refuse a conversation that is longer than the model's context."""
    message = (
        f"This model's maximum context length is {tokens} tokens. However, your messages resulted in {tokens + 35} "
        "tokens. Please reduce the length of the messages."
    )
    return bad_request(message, param="messages", code="context_length_exceeded")


def too_large() -> Refusal:
    """Refuse a body, as nginx does."""
    return _page(413, "413 Request Entity Too Large", "nginx")


def too_many(retry_after_s: int | str | None = 2) -> Refusal:
    """Refuse for a limit of requests; `retry_after_s` None: it is not told how long."""
    wait = f" Please try again in {retry_after_s}s." if retry_after_s is not None else ""
    message = f"Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1.{wait}"
    refusal = openai(429, message, "requests", code="rate_limit_exceeded")
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Refusal(429, refusal.body, headers)


def broken() -> Refusal:
    """Fail as a server with a bug."""
    message = "The server had an error while processing your request. Sorry about that!"
    return openai(500, message, "server_error")


def overloaded() -> Refusal:
    """Fail for too many users."""
    return openai(503, "The engine is currently overloaded, please try again later", "server_error")


def bad_gateway() -> Refusal:
    """Fail as nginx without a server behind it."""
    return _page(502, "502 Bad Gateway", "nginx")


def maintenance() -> Refusal:
    """Fail as nginx while its server is mended."""
    return _page(503, "503 Service Temporarily Unavailable", "nginx")


def gateway_timeout() -> Refusal:
    """Fail as nginx before a silent server."""
    return _page(504, "504 Gateway Time-out", "nginx")


def no_origin() -> Refusal:
    """Fail as Cloudflare before a silent server."""
    return _page(524, "example.com | 524: A timeout occurred", "cloudflare")


def challenge() -> Refusal:
    """Ask for a browser, as Cloudflare does of what it takes for a robot."""
    html = '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body></body></html>'
    return Refusal(403, html, {"Server": "cloudflare"}, "text/html")


def _page(status: int, title: str, server: str) -> Refusal:
    html = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        f"<hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
    )
    return Refusal(status, html, {"Server": server}, "text/html")


BY_STATUS: dict[int, Callable[[], Refusal]] = {
    400: too_long,
    401: wrong_key,
    402: no_money,
    403: no_country,
    404: lambda: no_model("gpt-0"),
    413: too_large,
    429: too_many,
    500: broken,
    502: bad_gateway,
    503: overloaded,
    504: gateway_timeout,
    524: no_origin,
}
