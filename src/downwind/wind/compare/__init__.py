"""Winds beside each other: cubes by height, soundings with later ones, a climb through each."""
