"""What a graded class leaves behind.

gradebook   rows into nbgrader's gradebook
database    where the gradebook lies, for several writers at once
exports     grades.csv, and what Canvas and Moodle import
feedback    one page for each student and assignment
formgrader  submissions as nbgrader's formgrader opens them
html_pages  HTML from templates
sanitize    texts that leave the grader: without paths and control characters
"""
