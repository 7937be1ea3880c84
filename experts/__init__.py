"""People: who can do the work, what they have shown, and how that was checked."""
