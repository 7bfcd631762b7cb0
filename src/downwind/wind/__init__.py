"""Wind: the ``WindCube`` contract, its sources, and the grid that the kernels read."""
