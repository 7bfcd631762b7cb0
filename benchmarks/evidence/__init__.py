"""What real flights say of the fall, drift and ascent models; ``python -m benchmarks.evidence``."""
