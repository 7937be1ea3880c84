"""Questions about work that span tables: one file for each noun."""
