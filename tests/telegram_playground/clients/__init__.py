"""Bots written with libraries that nobody here wrote; each leads the same dialogue (test_clients.py)."""
