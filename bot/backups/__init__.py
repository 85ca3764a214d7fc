"""Backups: a database and the files beside it become a copy, once or again and again; a copy takes their place."""
