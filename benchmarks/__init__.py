"""Speed and error of the engine and the board, with peers measured in the same run."""
