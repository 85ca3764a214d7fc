"""Protocol: what goes over the server's connections: JSON, what a client may send, what it is refused with."""
