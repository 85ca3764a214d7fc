"""Search: a program that asks search engines; it gets the words and gives a list of titles, addresses, excerpts."""

from bot.tools.confined import confined

MOST = 8  # results
TIMEOUT_S = 10


def found(words: bytes) -> str:
    """Return what the engines give. Raises ImportError, and whatever the package does."""
    from ddgs import DDGS

    results = DDGS(timeout=TIMEOUT_S).text(words.decode("utf-8", "replace"), max_results=MOST)
    return "\n\n".join(f"{each.get('title')}\n{each.get('href')}\n{each.get('body')}" for each in results)


if __name__ == "__main__":
    confined(found)
