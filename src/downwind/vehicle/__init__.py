"""Balloons: gas and cylinders, film tubes and rubber balloons, fills, release timers."""
