"""Where nbgrader finds the labs and puts what it derives: sources in labs/, everything else below _build/."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DERIVED = ("release", "source_with_tests", "submitted", "autograded", "feedback", "solution")
# sqlite creates the gradebook but not the folder it lies in.
(ROOT / "_build").mkdir(exist_ok=True)
# nbgrader calls `alembic` by name; it lies beside this interpreter, which need not be on the path.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "llm-foundations"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "labs"
for step in DERIVED:
    setattr(c.CourseDirectory, f"{step}_directory", f"_build/{step}")
c.CourseDirectory.db_url = f"sqlite:///{ROOT / '_build' / 'gradebook.db'}"

# A check runs once per submission, on a machine that may be slower than the author's.
c.Execute.timeout = 120
