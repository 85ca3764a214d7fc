"""What can be wrong with a copy.

BackupError                the operator reads it in one line
├── NotOurs                a file that is no database of this bot, or of a newer version
└── BrokenBackup           a copy that is cut or damaged
Abandoned                  a signal came: what was under way is taken back
"""


class BackupError(Exception):
    """A copy cannot be made or put in place; the text says why and what to do."""


class NotOurs(BackupError):
    """The file is no database that this bot, in this version, could go on with; nothing was changed."""


class BrokenBackup(BackupError):
    """The copy is cut or damaged; nothing was changed."""


class Abandoned(Exception):
    """Somebody wants the program to end; nothing half done is left."""
