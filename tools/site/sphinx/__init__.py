"""Sphinx extensions of this site, and the records that they read."""
