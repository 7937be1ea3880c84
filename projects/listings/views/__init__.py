"""Pages of listings: the public board, the lab's dashboard, and its money."""
