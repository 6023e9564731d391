"""The console's pages, one file a room; each file ends at its own table of routes."""
