"""The steps by which the log-ins' own database came to be what it is."""
