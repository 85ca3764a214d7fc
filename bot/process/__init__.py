"""One process of the bot: alone on its database, ended in order, with a log that holds no secret."""
