"""Limits: how many questions may wait for their answers; contract."""

MAX_WAITING = 20  # queued answers of a chat
MAX_WAITING_PER_PERSON = 3  # of one person in a group
