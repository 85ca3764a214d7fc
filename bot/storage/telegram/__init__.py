"""What came from Telegram, and what goes there by itself: updates that were taken, pieces, notices, its refusals."""
