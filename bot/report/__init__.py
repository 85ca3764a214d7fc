"""How the bot fares goes out to whoever may ask: the terminal by a socket, programs by HTTP; nothing comes in."""
