"""What an applicant does: asked, written field by field, handed in; and what the rules say of it."""
