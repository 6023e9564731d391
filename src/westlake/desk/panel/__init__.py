"""Reviews and the choice: who reads what, what the reviews say, who is chosen and why, and how it is made known."""
