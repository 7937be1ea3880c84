"""What may be done with timers, entries and timesheets: one file per noun, shared steps in weeks.py."""
