"""Files: one results folder, whole or not at all, and one module for each kind of file in it."""
