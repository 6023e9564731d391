"""What applicants open: calls, the check, the application, its story, their firm."""
