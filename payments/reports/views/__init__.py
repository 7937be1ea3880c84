"""Pages of finance that read the books."""
