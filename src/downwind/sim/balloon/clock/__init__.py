"""The clocks of the release timers, along a flight."""
