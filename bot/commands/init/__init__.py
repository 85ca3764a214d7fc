"""Init: asks for what the bot needs, tries it, and writes `.env`."""
