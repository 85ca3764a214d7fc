"""What people ask in chats where the bot is no member becomes questions."""
