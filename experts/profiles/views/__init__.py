"""Pages of profiles and of the taxonomy; one file per noun."""
