"""What may be done with batches, tasks, assignments and submissions: one file for each noun."""
