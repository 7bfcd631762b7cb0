"""The command line: one file a verb; a verb only parses, calls a service and prints."""
