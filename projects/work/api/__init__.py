"""Batches, tasks and submissions for a lab's programs, and an expert's own: the same actions as the pages', as JSON."""
