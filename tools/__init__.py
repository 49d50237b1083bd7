"""Set-up, a sample class for the grader, pictures for instructors, and the site's builder, each a command."""
