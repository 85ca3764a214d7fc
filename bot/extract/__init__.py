"""Extract: what a model can be sent of a file that somebody sent; a program of its own, `python -m bot.extract NAME`.

The file comes in on standard input, what was read of it goes out on standard output (`found.py`). The program holds
itself to limits on memory and time and knows no secret, so a file that was made to break it costs that file alone.
Pillow and pypdf are loaded only here, and only where they are installed (the extra `files`).
"""
