"""Falling items in blocks: many at a time, float32, for the vector units of the processor."""
