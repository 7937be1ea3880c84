"""What the pages that belong to no single room ask of all of them: one file per front door."""
