"""Pages of saved searches, feeds, sitemap, short addresses and pictures; one file per noun."""
