"""Set-up, the site's builder and its checks; each module is a command: `python -m tools.<name>`."""
