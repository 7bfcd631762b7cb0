"""Reports: cards and summaries as text, the map and the profile as pictures."""
