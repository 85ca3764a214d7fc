"""Control: commands of tests and of the page go in, what happens comes out as events."""
