"""A Sphinx extension for quizzes: the directive `quiz` shows the questions of book/quizzes/<topic>.yml.

Everything a reader needs is in the HTML. book/_static/quiz.js adds the checking; without it each explanation folds out.

It is ours because no extension was found that meets all it must: sphinx-yaq 0.1.0 is an alpha without explanations for
each option, and teachbooks-questions 0.4.0 loads scripts from content networks and keeps no answers.
"""

from html import escape
from pathlib import Path
from typing import Annotated
from zlib import crc32

from docutils import nodes
from pydantic import Field, StringConstraints, field_validator
from sphinx.util.docutils import SphinxDirective

from tools.site.sphinx import chapters, records
from tools.site.sphinx.records import Record, Text


class Option(Record):
    """One answer, and why it is right or wrong; both are Markdown of one paragraph."""

    text: Text
    why: Text
    correct: bool = False


class Question(Record):
    """One question in Markdown; `section` is the target in the chapter where its answer is taught."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    question: Text
    section: Text
    options: Annotated[list[Option], Field(min_length=3, max_length=4)]

    @field_validator("options")
    @classmethod
    def _one_is_right(cls, options: list[Option]) -> list[Option]:
        right = sum(option.correct for option in options)
        if right != 1:
            raise ValueError(f"exactly one must have correct: true, not {right}")
        return options


def read(path: Path) -> list[Question]:
    """The questions of one quiz, in order. Raises RecordError."""
    questions = records.read(path, Question)
    records.require_unique(path, [question.id for question in questions])
    return questions


def require_sections(path: Path, questions: list[Question], targets: dict[str, str]) -> None:
    """Raises RecordError for the first question whose section is not a target of the chapter."""
    for question in questions:
        if question.section not in targets:
            raise records.RecordError(f"{path.name}, {question.id}: {question.section} is not a target of the chapter.")


class element(nodes.General, nodes.TextElement):
    """An HTML element for which docutils has no node."""


def tag(name: str, /, *children: nodes.Node, **attributes: str | None) -> element:
    """An HTML element; an attribute's name may end in _, and None stands for an attribute without a value."""
    html = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return element("", "", *children, tag=name, html=html)


def visit(writer, node: element) -> None:
    """Write the opening tag."""
    attributes = [name if value is None else f'{name}="{escape(value)}"' for name, value in node["html"].items()]
    writer.body.append(f"<{' '.join([node['tag'], *attributes])}>")


def depart(writer, node: element) -> None:
    """Write the closing tag; an input has none."""
    writer.body.append("" if node["tag"] == "input" else f"</{node['tag']}>\n")


class QuizDirective(SphinxDirective):
    """The quiz of a chapter."""

    required_arguments = 1

    def run(self):
        topic = self.arguments[0]
        path = Path(self.env.srcdir, "book", "quizzes", f"{topic}.yml")
        chapter = Path(self.env.doc2path(self.env.docname))
        self.env.note_dependency(str(path))
        try:
            questions = read(path)
            targets = chapters.targets(chapter.read_text(encoding="utf-8"))
            require_sections(path, questions, targets)
        except records.RecordError as fault:
            raise self.error(str(fault)) from None
        asked = [self.ask(topic, number, one, targets) for number, one in enumerate(questions, 1)]
        clear = tag("button", nodes.Text("Clear my answers"), type="button", class_="quiz-clear", hidden=None)
        return [tag("div", *asked, clear, class_="quiz", data_quiz=topic)]

    def ask(self, topic: str, number: int, question: Question, targets: dict[str, str]) -> element:
        """The fieldset of one question. Its legend is the first paragraph, since no block may stand in a legend."""
        first, *rest = self.parse_text_to_nodes(question.question)
        if not isinstance(first, nodes.paragraph):
            raise self.error(f"{topic}.yml, {question.id}: the question must open with a paragraph.")
        name = f"quiz-{topic}-{question.id}"
        return tag(
            "fieldset",
            tag("legend", nodes.Text(f"{number}. "), *first.children),
            *rest,
            *(self.offer(name, option) for option in question.options),
            tag("button", nodes.Text("Check"), type="button", hidden=None),
            tag("span", role="status", aria_live="polite"),
            tag("p", nodes.Text("Taught in: "), *self.inline(f"[{targets[question.section]}](#{question.section})")),
            id=name,
        )

    def offer(self, name: str, option: Option) -> element:
        """One option with its explanation. Its value follows its text, so that a kept answer never means another."""
        value = f"{crc32(option.text.encode()):08x}"
        choice = tag("input", type="radio", name=name, value=value)
        verdict = tag("strong", nodes.Text("Right." if option.correct else "Wrong."))
        why = tag("p", verdict, nodes.Text(" "), *self.inline(option.why))
        return tag(
            "div",
            tag("label", choice, tag("span", *self.inline(option.text))),
            tag("details", tag("summary", nodes.Text("Explanation")), why),
            class_="quiz-option quiz-right" if option.correct else "quiz-option",
        )

    def inline(self, markdown: str) -> list[nodes.Node]:
        """The nodes of one line of Markdown."""
        return self.parse_inline(markdown)[0]


def setup(app) -> dict:
    """Register the directive and the HTML it needs."""
    app.add_node(element, html=(visit, depart))
    app.add_directive("quiz", QuizDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
