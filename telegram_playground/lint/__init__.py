"""What Telegram would refuse, or people would hate: calls go in, findings come out."""
