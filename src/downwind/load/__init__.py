"""Loads: the kinds of item, how they fall, and what the catalogue knows of them."""
