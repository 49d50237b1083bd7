"""Where nbgrader finds the labs and puts what it derives: sources in labs/, everything else below _build/."""

from pathlib import Path

from utils.runtime import programs_on_path

ROOT = Path(__file__).resolve().parent
DERIVED = ("release", "source_with_tests", "submitted", "autograded", "feedback", "solution")
# sqlite creates the gradebook but not the folder it lies in.
(ROOT / "_build").mkdir(exist_ok=True)
programs_on_path()

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "llm-foundations"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "labs"
for step in DERIVED:
    setattr(c.CourseDirectory, f"{step}_directory", f"_build/{step}")
c.CourseDirectory.db_url = f"sqlite:///{ROOT / '_build' / 'gradebook.db'}"

# A check runs once per submission, on a machine that may be slower than the author's.
c.Execute.timeout = 120
