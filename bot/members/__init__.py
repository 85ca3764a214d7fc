"""Members: processes that share a server's database take turns: each bot is run by one of them, under a lease."""
