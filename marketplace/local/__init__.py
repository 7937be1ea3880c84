"""
The local stack behind `./dev`: an environment, an embedded Postgres and Valkey, and the site's processes as one family.

Everything here runs before anything is installed, so it uses only the standard library and never imports Django.
Nothing else in the product imports it.
"""
