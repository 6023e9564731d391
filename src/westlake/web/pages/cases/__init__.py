"""What officers do with cases: the list, a case's whole story, its steps, letters, one step for many."""
