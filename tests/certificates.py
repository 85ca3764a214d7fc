"""Certificates are loaded once for all clients of a kind, and not anew for each bot that a test starts: 20 ms each.

A context is shared by those that ask for it with the same words from the same module, so no library meets in its own
what another one has set there.
"""

import os
import ssl
import sys
from typing import Any

_make = ssl.create_default_context
_kept: dict[tuple[object, ...], ssl.SSLContext] = {}
READ = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")  # of the environment, by OpenSSL


def _shared(*arguments: Any, **named: Any) -> ssl.SSLContext:
    asks = sys._getframe(1).f_globals["__name__"]
    key = (asks, arguments, *sorted(named.items()), *map(os.environ.get, READ))
    if key not in _kept:
        _kept[key] = _make(*arguments, **named)
    return _kept[key]


ssl.create_default_context = _shared
