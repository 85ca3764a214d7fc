"""Page: a program that reads the words of a page of the web; it gets the bytes and gives Markdown."""

from bot.tools.confined import confined


def words(page: bytes) -> str:
    """Return what a page says, without what is around it. Raises ImportError, and whatever the package does."""
    from trafilatura import extract

    return extract(page, output_format="markdown", include_links=True, include_tables=True) or ""


if __name__ == "__main__":
    confined(words)
