"""Certificate: of the webhook's port, where no proxy holds one; a file with it, its chain and its key, in PEM."""

import re
import ssl
from pathlib import Path

from bot.settings import ConfigurationError

_ONE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def serving_with(file: Path) -> ssl.SSLContext:
    """Return what a port speaks HTTPS with. Raises ConfigurationError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(file, password="")  # else a locked key is asked for at the terminal
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        said = error.reason if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None)
        expected = f"a file with a certificate, its chain and its key without a password, in PEM ({said or error})"
        raise ConfigurationError("WEBHOOK_CERTIFICATE", str(file), expected) from error
    return context


def shown_to_telegram(file: Path) -> str:
    """Return the certificate where nobody but itself vouches for it, "" for any other. Raises ConfigurationError."""
    serving_with(file)
    found = _ONE.search(file.read_text(encoding="utf-8", errors="replace"))
    if found is None:
        return ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=found[0])
    certificates = context.get_ca_certs()  # those that may vouch for others, itself too
    return found[0] if any(each["subject"] == each["issuer"] for each in certificates) else ""
