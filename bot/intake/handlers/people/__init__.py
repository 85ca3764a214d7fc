"""Who comes, goes, is let in and counted."""
