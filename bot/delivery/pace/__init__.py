"""When a reply's progress is worth a call: how it comes along, and how long replies last; pure."""
