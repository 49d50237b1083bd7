"""The static site.

build          executes the pages, builds the site and judges it: `python -m tools.site.build`
pages          what the table of contents names, and which pages are notebooks
execute        notebooks executed by papermill, two at a time, and kept
sources        what the site is built from: labs as students get them
execution_key  what a notebook's outputs depend on, as one number
calculators    what the calculators of the pages calculate with, from utils
finish         what is changed in the pages once they are built
lookups        meanings of terms on the pages that use them, texts for the search
figures        figures as a part of their page, in the colours of its theme
assets         scripts, style sheets and the icon font, cut to what the pages use
check          judges the built site
live_model     the course model as scripts of the site, made when something changed
model_scripts  writes them, and a recorded run
model_export   the course model in numbers that a page's script can read
html_page      what one page, style sheet or script contains that a check asks about
sphinx/        its Sphinx extensions
"""
