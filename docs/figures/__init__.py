"""Figures and tables of the documentation: ``python -m docs.figures`` makes all of them."""
