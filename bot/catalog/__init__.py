"""What the bot offers to choose from: providers, their models, personas; made anew while it runs."""
