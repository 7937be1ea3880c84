"""Pages of hours: the expert's week and pay, the lab's review and statement."""
