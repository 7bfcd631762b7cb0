"""One function for each thing that a user can ask; the command line and programs call these."""
