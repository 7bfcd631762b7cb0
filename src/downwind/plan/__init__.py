"""Plans: the mission, the fleet drawn from it, the search for the timer setting, the result."""
