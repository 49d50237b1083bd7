"""Commands around the course, and its site.

set_up               makes .venv: `python -m tools.set_up`
sample_class         a class to try the grader on
instructor_pictures  pictures for the chapter "For instructors"
browser              a headless Chromium, driven by playwright
site/                the site's builder, its checks and Sphinx extensions
"""
