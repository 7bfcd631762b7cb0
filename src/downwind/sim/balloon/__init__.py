"""Balloons in flight: open and sealed tubes, latex balloons, and what comes down."""
