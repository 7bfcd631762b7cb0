"""What all sources of soundings share: rows become profiles, and profiles the wind of a cube.

``rows`` is the way from a table to a profile, ``gather`` that from profiles to an inventory, and
``assemble`` that from an inventory to a cube.
"""
