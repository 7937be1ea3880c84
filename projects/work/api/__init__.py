"""Batches, tasks and submissions for a lab's programs: the same actions as the dashboard's, as JSON."""
