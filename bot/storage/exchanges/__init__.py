"""A question and its answers, read: versions, what was said before, their words and files."""
