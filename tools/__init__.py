"""Set-up, the site's builder and checks, each a command `python -m tools.<name>`; and the site's Sphinx extensions."""
