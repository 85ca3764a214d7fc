"""Why there is no connection to a server, in words for whoever operates the bot."""

import errno
import os
import re
import socket
import ssl
from collections.abc import Mapping

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

# What a request can raise; TimeoutError is an OSError, and those of aiohttp_socks have no base class.
HTTP_ERRORS = (aiohttp.ClientError, OSError, ProxyError, ProxyConnectionError, ProxyTimeoutError)
_PROXY = re.compile(r"(?<=proxy) \S+:\d+")
_CAUSES: Mapping[int, str] = {
    errno.ECONNREFUSED: "nothing listens there",
    errno.EHOSTUNREACH: "no way leads to that machine",
    errno.ENETUNREACH: "no way leads to that network",
}


def cause_of(error: BaseException) -> str:
    """Return the cause in one line; an error of a client around that of its connection, as aiogram's, is told by that.

    What is not known is told in its own words, which may hold an address with its password.
    """
    if not isinstance(error, HTTP_ERRORS) and isinstance(error.__cause__, HTTP_ERRORS):
        error = error.__cause__
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"the name {error.host} is not known here: {_told(error.os_error)}"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {error.host}:{error.port} is not trusted: {_told(error.certificate_error)}"
        case aiohttp.ClientConnectorError() if "WRONG_VERSION_NUMBER" in str(error.os_error):
            return f"{error.host}:{error.port} speaks no TLS, so its address begins with http:// and not https://"
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}:{error.port}: {_told(error.os_error)}"
        case ProxyConnectionError():
            place = _PROXY.search(str(error))
            return f"no connection to the proxy{place[0] if place else ''}: {_told(_first(error))}"
        case TimeoutError():
            return "no answer in time"
        case _:
            return _told(error)


def _first(error: BaseException) -> BaseException:
    return _first(error.__cause__) if error.__cause__ else error


def _told(error: BaseException) -> str:
    """Say what the system answered, without the library's words around it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):
        return _CAUSES.get(error.errno) or os.strerror(error.errno)
    return " ".join(str(error).split()) or type(error).__name__
