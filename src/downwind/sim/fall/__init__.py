"""Falling items."""
