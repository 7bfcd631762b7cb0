"""Film tubes in flight."""
