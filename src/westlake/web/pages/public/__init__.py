"""What anybody may see without a log-in."""
