"""One submission from bytes to a row of points.

grade_one       the whole way: read, rebuild, judge; as a program, a process that does nothing else
judge           a submission's cells run in one sandbox, its checks in another
private_checks  checks of an instructor's own, with inputs that vary from student to student
fingerprint     what is left of a solution without names and layout, for the class report
worker_process  that program beside each thread of a Dask worker
"""
