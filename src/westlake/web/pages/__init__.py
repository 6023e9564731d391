"""The console's pages, a folder for each who opens them; each file ends at its own table of routes."""
