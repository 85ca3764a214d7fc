"""World: bots, people, chats, and what happens in them."""
