"""How the database is opened, brought up to date, waited for and judged."""
