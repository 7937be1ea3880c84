"""Pages of work: the expert's desk, the lab's batches and tasks, and reviews."""
