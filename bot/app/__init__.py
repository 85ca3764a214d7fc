"""The whole bot: settings go in, an `App` comes out. The only place that makes objects, a file for each wing."""
