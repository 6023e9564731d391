"""The console: what applicants, officers, reviewers, finance and auditors do in a browser, and the API beside it."""
