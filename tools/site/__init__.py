"""The static site: its builder, the check of the built pages, and its Sphinx extensions."""
