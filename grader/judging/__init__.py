"""One submission from bytes to a row of points.

judge           its cells run in the sandbox, its checks in the trusted process
private_checks  checks of an instructor's own, with inputs that vary from student to student
grade_one       a submission from bytes to a row; as a program, a process that does nothing else
worker_process  that process, as a Dask worker drives it
"""
