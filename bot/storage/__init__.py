"""All that must survive a restart, and all SQL."""
