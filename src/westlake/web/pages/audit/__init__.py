"""The auditor's room: cases, samples, acts, reports, everything checked anew."""
