"""What the server refuses, as Telegram words it.

    ApiError            answered as {"ok": false, "error_code", "description", "parameters"?}
    └─ TooManyRequests  429 with retry_after

Texts: telegram-bot-api Client.cpp, HttpConnection.cpp; tdlib td/telegram.
"""

from telegram_playground.protocol.wire import Json


class ApiError(Exception):
    """A refusal with its HTTP status; `description` is complete."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        """Return the answer's JSON."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class TooManyRequests(ApiError):
    """A flood limit was reached; `retry_after_s` are whole seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})
        self.retry_after_s = retry_after_s


def bad_request(reason: str) -> ApiError:
    """Return a 400."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """Return a 403."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """Return a 409."""
    return ApiError(409, f"Conflict: {reason}")


NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
