"""Other programs on the same problem: each script runs alone, and answers with one line of JSON."""
