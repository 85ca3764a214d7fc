"""What the bot does with what people send: a file per thing that they do, each registers its handlers.

A handler reads and writes rows, with one changing call at the most, and returns what to say: it never waits for
Telegram.
"""
