"""What can be wrong with a copy.

BackupError                the operator reads it in one line
├── NotOurs                a file that is no database of this bot
└── BrokenBackup           a copy that is cut or damaged
Abandoned                  a signal came: what was under way is taken back
"""


class BackupError(Exception):
    """A copy cannot be made or put in place; the text says why and what to do."""


class NotOurs(BackupError):
    """The file is no database of this bot."""


class BrokenBackup(BackupError):
    """The copy is cut or damaged; nothing was changed."""


class Abandoned(Exception):
    """Somebody wants the program to end; nothing half done is left."""
