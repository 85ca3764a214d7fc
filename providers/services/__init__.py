"""Services: those that generate answers, one file each."""
