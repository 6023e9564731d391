"""What a programme achieved: estimates against what would have happened, with their doubts."""
