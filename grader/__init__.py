"""Grading of notebook submissions, safely and for a whole class. Around nbgrader: its cell metadata, its gradebook.

records     what passes between the parts
assignment  a lab as the instructor's files hold it: setup, exercises, checks
archives    files of a folder or a zip, taken out safely
layouts     whose file it is and for which lab: folders, nbgrader's tree, Canvas, Moodle, Gradescope
collect     one submission for each student and lab
formats     any file handed in as a notebook, read
sources     what a cell's source says
matching    which released cell each submitted cell is
merged      cells that hold what belongs to several, taken apart
lessons     lesson cells that a solution leans on
repair      a submitted notebook put back into the released form
wire        messages between a submission's process and the trusted one: JSON and raw arrays
encode      values into messages
decode      messages into values; never a pickle from a submission
server      the untrusted end of a job: runs cells, calls functions
isolation   what a job gives up before a student's code runs
inside      the process in the sandbox, from which jobs are forked
slopes      gradients across the border
writeback   what a call wrote into its arguments
job         the trusted end of a job, and its limits
sandbox     bubblewrap around `inside`
judge       one submission: its cells run in the sandbox, its checks here
grading     one submission from bytes to a row; as a program, a process that does nothing else
apart       that process beside a Dask worker
private     checks of an instructor's own, with inputs that vary from student to student
journal     rows on disk as they come
classroom   a class graded on local workers or a Dask cluster
release     student versions, and a zip for each
precheck    what a student can learn before handing in
words       texts that leave the grader: without paths and control characters
database    where the gradebook lies, for several writers at once
gradebook   rows into nbgrader's gradebook
exports     grades.csv, and what Canvas and Moodle import
pages       HTML from templates
feedback    one page for each student and assignment
autograded  submissions as nbgrader's formgrader opens them
items       difficulty, discrimination, common failures
likeness    near-identical solutions
figures     the class report's figures
report      the class report
"""
