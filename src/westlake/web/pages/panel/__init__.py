"""Reviews and the choice: panels, what reviewers read, rankings, selections, what is made known."""
