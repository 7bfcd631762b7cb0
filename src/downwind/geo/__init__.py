"""Where things are: regions, land and sea, borders, towns, the sun."""
