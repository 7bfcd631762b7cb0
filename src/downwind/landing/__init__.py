"""Landings: shares of regions with their standard errors, density and contours."""
