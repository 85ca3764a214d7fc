"""Cassettes: what people did on a server and what bots said to it; played again to a bot that has changed."""
