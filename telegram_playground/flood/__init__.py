"""Many chats at once: a bot's answers come in, how late they were comes out."""
