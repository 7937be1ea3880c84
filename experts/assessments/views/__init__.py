"""Pages of experts who are asked, and of the staff who write, score and look at figures."""
