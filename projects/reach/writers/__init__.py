"""What programs read: the Atom feed, the sitemap, and job postings as JSON-LD."""
