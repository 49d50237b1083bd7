"""Near-identical solutions: what is left of code when names, comments and layout are gone, and how alike two are."""

import ast
import base64
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash

LONGEST_SOURCE = 50_000
SHORTEST_TOKENS = 25
SHINGLE = 3
PERMUTATIONS = 128
ALIKE = 0.8
COMMON_LEAST = 4
DROPPED = {"type_comment", "kind", "ctx", "decorator_list", "returns", "annotation", "name", "asname", "type_params"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Group:
    """Students whose solutions of some exercises are alike. likeness: of the least alike neighbours among them."""

    exercises: tuple[str, ...]
    students: tuple[str, ...]
    likeness: float


def shape(source: str) -> str:
    """The fingerprint of a solution: equal for code that differs only in names, comments, docstrings and layout.

    Similar code has a similar one: the share of equal parts estimates the share of common runs of three tokens.
    Returns "" for what is no Python, or too short to tell one author from another.

    Source: Broder, On the resemblance and containment of documents (1997).
    """
    tokens = _tokens(source)
    if len(tokens) < SHORTEST_TOKENS:
        return ""
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
    runs = {" ".join(tokens[at : at + SHINGLE]) for at in range(len(tokens) - SHINGLE + 1)}
    sketch.update_batch([run.encode("utf-8", "replace") for run in sorted(runs)])
    return base64.b85encode(sketch.hashvalues.astype("<u4").tobytes()).decode()


def similarity(one: str, other: str) -> float:
    """How alike two fingerprints are, 0 to 1; 0 where one of them says nothing."""
    return float((_parts(one) == _parts(other)).mean()) if one and other else 0.0


def groups(shapes: Mapping[str, Mapping[str, str]], alike: float = ALIKE) -> list[Group]:
    """Students with near-identical solutions; those alike in most exercises first, then by likeness.

    shapes: {student: {exercise: fingerprint}}. A way to solve an exercise that many share tells nothing and is left
    out: many are four, and in a class of N at least √N, since a class has more room for chance than a ring of copies.
    """
    found: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for exercise in sorted({name for forms in shapes.values() for name in forms}):
        forms = {who: own[exercise] for who, own in sorted(shapes.items()) if own.get(exercise)}
        for students, likeness in _linked(forms, alike):
            found.setdefault(students, []).append((exercise, likeness))
    made = [
        Group(tuple(name for name, _ in alikes), students, min(likeness for _, likeness in alikes))
        for students, alikes in found.items()
    ]
    return sorted(made, key=lambda group: (-len(group.exercises), -group.likeness, group.students))


def _linked(forms: Mapping[str, str], alike: float) -> list[tuple[tuple[str, ...], float]]:
    """Students in chains of likeness, with the weakest link of each; common ways to solve are no links."""
    students, chains = list(forms), []
    parts = np.array([_parts(form) for form in forms.values()])
    near = [(parts == own).mean(axis=1) for own in parts]
    many = max(COMMON_LEAST, len(forms) ** 0.5)
    unseen = {at for at, likenesses in enumerate(near) if (likenesses >= alike).sum() < many}
    while unseen:
        chain, edge, weakest = [], [unseen.pop()], 1.0
        while edge:
            at = edge.pop()
            chain.append(at)
            met = {other for other in unseen if near[at][other] >= alike}
            weakest = min([weakest, *(float(near[at][other]) for other in met)])
            unseen -= met
            edge += sorted(met)
        if len(chain) > 1:
            chains.append((tuple(students[at] for at in sorted(chain)), weakest))
    return chains


def _parts(form: str) -> np.ndarray:
    """Raises ValueError for what is no fingerprint."""
    return np.frombuffer(base64.b85decode(form), "<u4")


def _tokens(source: str) -> list[str]:
    if len(source) > LONGEST_SOURCE:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    tokens, bound, waiting = [], _bound(tree), [tree]
    while waiting:
        node = waiting.pop()
        tokens.append(_token(node, bound))
        waiting += reversed(_children(node))
    return tokens


def _bound(tree: ast.AST) -> set[str]:
    """Names that the code itself gives: arguments, variables, functions."""
    nodes = list(ast.walk(tree))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)} | _defined(nodes)


def _defined(nodes: list[ast.AST]) -> set[str]:
    kinds = (*FUNCTIONS, ast.ExceptHandler)
    return {node.name for node in nodes if isinstance(node, kinds) and node.name}


def _token(node: ast.AST, bound: set[str]) -> str:
    """One word for a node; names that the code gives are all the same, others, attributes and values stay."""
    if isinstance(node, ast.Name):
        return "name" if node.id in bound else node.id
    if isinstance(node, ast.Constant):
        return repr(node.value)[:80]
    return f".{node.attr}" if isinstance(node, ast.Attribute) else type(node).__name__


def _children(node: ast.AST) -> list[ast.AST]:
    """In order of the text; without docstrings, annotations and the arguments' list of a function."""
    found = []
    for field, value in ast.iter_fields(node):
        if field in DROPPED or (field == "args" and isinstance(node, FUNCTIONS)):
            continue
        parts = value if isinstance(value, list) else [value]
        if field == "body" and isinstance(node, (*FUNCTIONS, ast.Module)) and ast.get_docstring(node, False):
            parts = parts[1:]
        found += [part for part in parts if isinstance(part, ast.AST)]
    return found
