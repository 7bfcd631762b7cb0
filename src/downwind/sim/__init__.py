"""Simulation: compiled kernels, counter-based draws, flights of balloons and falls of items."""
