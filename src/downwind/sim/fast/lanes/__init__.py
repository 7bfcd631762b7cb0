"""What stands in the lanes of a block: the rows of its two tables, and the states of a lane.

Row ``X`` of the float32 table holds the place of each lane in cells east of the cell ``IX`` of the
int32 table, and so on. ``N0`` is the first of five rows of normals, ``WORD0`` of four of words.

Of the error of the wind ``PLACE`` is the first of sixteen rows: for each field where the cell of
the release stands along time, height, y and x, in nodes, at the release. ``NODE0`` is the first of
four: where the member's nodes start. ``TURN`` [m] and ``COSINE`` are of that cell too, ``FRAME_*``
is the velocity of the lattices and ``GUST_*`` the error in the last step [m s-1].
"""

from __future__ import annotations

LANES = 128
"""Lanes of a block. A constant, so that the vector loop has no remainder to go round apart."""

ACTIVE, DOWN, HARD, NODE = 0, 1, 2, 3
"""A lane flies, is down, is left to the plain kernel or is empty, or waits at a node of time."""

X, Y, H, T, T_LOW, T_HIGH, LAT, GROUND = range(8)
LOW, HIGH, EXP, SWITCH, BUNDLE, OPENS, STATE_U, STATE_V, STATE_W = range(8, 17)
SLOPE_X, SLOPE_Y, PER_GAP, N0 = range(17, 21)
PLACE = N0 + 5
TURN, COSINE, FRAME_U, FRAME_V, GUST_U, GUST_V, GUST_W = range(PLACE + 16, PLACE + 23)
FLOATS = PLACE + 23
IX, IY, BASE, IT, STATUS, ROUND, ITEM, STREAM_I, STREAM_B, STREAM_D, WORD0 = range(11)
NODE0 = WORD0 + 4
INTS = NODE0 + 4
