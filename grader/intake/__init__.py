"""From what a platform exports to one submission for each student and lab.

archives       files of a folder or a zip, taken out safely
platforms      whose file it is and for which lab: folders, nbgrader's tree, Canvas, Moodle, Gradescope
collect        one submission for each student and lab
notebook_file  any file handed in as a notebook, read
"""
