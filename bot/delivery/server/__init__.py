"""The Bot API server: the session with it, whether it is itself, and what the log tells of it."""
