"""Compiled kernels kept between runs: compiled once, and never used when their source is other."""
