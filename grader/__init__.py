"""Grading of notebook submissions, safely and for a whole class. Around nbgrader: its cell metadata, its gradebook.

assignment     a lab as the instructor's files hold it: setup, exercises, checks
records        what passes between the parts
intake/        from what a platform exports to one submission for each student and lab
repair/        a submitted notebook put back into the released form
sandbox/       where a student's code runs; `guest` and `protocol` are all that is mounted inside
judging/       one submission from bytes to a row of points
journal        rows on disk as they come
class_run      a class graded on local workers or a Dask cluster
results/       gradebook, exports, feedback, formgrader
class_report/  a page about the whole class
student/       student versions, and a look before handing in
"""
