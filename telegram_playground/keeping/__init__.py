"""What a server keeps over its restarts: the things of a world go into a file, and a world is made of them again."""
