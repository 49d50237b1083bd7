"""What a graded class leaves behind.

folder          where all of it lies, whatever its name
sections        a row's results by exercise
gradebook       rows into nbgrader's gradebook
database        where the gradebook lies, for several writers at once
exports         grades.csv and checks.csv
platform_files  what Canvas and Moodle import
lateness        what a late submission costs
feedback        one page for each student and assignment
formgrader      submissions as nbgrader's formgrader opens them
html_pages      HTML from templates
sanitize        texts that leave the grader: without paths and control characters
"""
