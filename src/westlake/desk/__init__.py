"""Running a call: who applies, who reviews, who is chosen, what is promised, checked and paid, and why."""
