"""The programs in the guide of the demo provider, the same in all languages; the tests run them."""

NEW_PROVIDER = '''\
"""Says every word twice."""

from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, format_prompt
from providers.settings import BaseUrl, ProviderSettings


class Settings(ProviderSettings):
    model_config = SettingsConfigDict(env_prefix="TWICE_")

    base_url: BaseUrl = "https://twice.example"


class Twice(AsyncGeneratorProvider):
    id = "twice"

    def __init__(self, settings, *, http, clock, random):
        self.url = settings.base_url

    async def create_async_generator(self, model, messages, *, proxy=None, timeout=None, **options):
        for word in format_prompt(messages).split():
            yield f"{word} {word} "
'''

SHOWN_CODE = '''\
def primes(limit: int) -> list[int]:
    """Return the primes below `limit`, by the sieve of Eratosthenes."""
    sieve = [True] * limit
    for n in range(2, int(limit**0.5) + 1):
        if sieve[n]:
            sieve[n * n :: n] = [False] * len(sieve[n * n :: n])
    return [n for n in range(2, limit) if sieve[n]]


print(primes(50))
'''
