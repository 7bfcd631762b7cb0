"""Look points up in a raster of cells, compiled. Bare arrays, no I/O."""

from __future__ import annotations

from downwind.compiled.kernels import kernel


@kernel(error_model="numpy")
def look_up_cells(longitude, latitude, box, size, labels, outside, found):
    """Find the label of the cell that holds each point.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Points, shape (n,) [deg].
    box : tuple of float
        West, south, east, north [deg]; the border belongs to it.
    size : float
        Side of a cell [deg]; the first one begins at the west and south of the box.
    labels : numpy.ndarray
        Shape (rows, columns).
    outside : int
        Label of a point out of the box, or that is not a number.
    found : numpy.ndarray
        Output, shape (n,).
    """
    west, south, east, north = box
    rows, columns = labels.shape
    for i in range(found.size):
        x, y = longitude[i], latitude[i]
        found[i] = outside
        if x >= west and x <= east and y >= south and y <= north:
            column = min(int((x - west) / size), columns - 1)
            row = min(int((y - south) / size), rows - 1)
            found[i] = labels[row, column]
