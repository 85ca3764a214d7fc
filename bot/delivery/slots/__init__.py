"""Which of the waiting wishes may call next, one at a time in a chat."""
