"""What auditors are handed, and what they look at first."""
