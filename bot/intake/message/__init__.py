"""What a message says and brings to the bot; all but the tails are pure."""
