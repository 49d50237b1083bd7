"""From what a platform exports to one submission for each student and lab.

archives       files of a folder or a zip, taken out safely
zip_names      names of a zip's entries as their writer meant them
platforms      whose file it is and for which lab: folders, nbgrader's tree, and what learning platforms export
roster         who is in the course, and the numbers by which the platform takes grades back
collect        one submission for each student and lab
notebook_file  any file handed in as a notebook, read
"""
