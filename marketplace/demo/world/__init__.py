"""The demonstration world: invented labs, people, gigs and four weeks of work, made by the product's own actions."""
