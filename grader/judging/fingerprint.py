"""What is left of code when names, comments and layout are gone, small enough to keep in every row.

The class report compares fingerprints, never sources. The method is that of near-duplicate search: the syntax tree as a
sequence of tokens, all runs of SHINGLE_TOKENS tokens as a set, and of that set a MinHash sketch.

Source: Broder, On the resemblance and containment of documents (1997).
"""

import ast
import base64
import warnings

import numpy as np
from datasketch import MinHash

MAX_CHARACTERS = 50_000
# Shorter solutions, `return a + b`, look the same whoever wrote them.
MIN_TOKENS = 25
SHINGLE_TOKENS = 3
# The standard error of the estimate is at most 0.5 / √128 = 0.044; a fingerprint has 640 characters.
PERMUTATIONS = 128
SEED = 1
MAX_INT_BITS = 1024
DROPPED_FIELDS = {
    *("type_comment", "kind", "ctx", "decorator_list", "returns", "annotation", "name", "asname", "type_params")
}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def fingerprint(source: str) -> str:
    """The fingerprint of a solution: equal for code that differs only in names, comments, docstrings and layout.

    Similar code has a similar one: the share of equal hash values estimates the share of common runs of tokens.
    Returns "" for what is no Python, or too short to tell one author from another.
    """
    tokens = _tokens(source)
    if len(tokens) < MIN_TOKENS:
        return ""
    # The same permutations for everybody and for ever, or fingerprints of two runs could not be compared.
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED)
    shingles = {" ".join(tokens[at : at + SHINGLE_TOKENS]) for at in range(len(tokens) - SHINGLE_TOKENS + 1)}
    sketch.update_batch([shingle.encode("utf-8", "replace") for shingle in sorted(shingles)])
    # datasketch keeps 32-bit hashes in 64-bit numbers.
    return base64.b85encode(sketch.hashvalues.astype("<u4").tobytes()).decode()


def hash_values(fingerprint: str) -> np.ndarray:
    """The sketch's PERMUTATIONS hash values. Raises ValueError for what is no fingerprint."""
    return np.frombuffer(base64.b85decode(fingerprint), "<u4")


def _tokens(source: str) -> list[str]:
    """One word for each node of the syntax tree, in order of the text; [] for what is no Python or too long."""
    if len(source) > MAX_CHARACTERS:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no warning of ours
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    # A stack of our own: code nested more deeply than Python's recursion limit is no reason to fail.
    tokens, own_names, stack = [], _own_names(tree), [tree]
    while stack:
        node = stack.pop()
        tokens.append(_token(node, own_names))
        stack += reversed(_children(node))
    return tokens


def _own_names(tree: ast.AST) -> set[str]:
    """Names that the code itself gives: arguments, variables, functions."""
    nodes = list(ast.walk(tree))
    assigned = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    kinds = (*DEFINITIONS, ast.ExceptHandler)
    return assigned | arguments | {node.name for node in nodes if isinstance(node, kinds) and node.name}


def _token(node: ast.AST, own_names: set[str]) -> str:
    """One word for a node; names that the code gives are all the same, others, attributes and values stay."""
    # Names of libraries and built-ins say what code does; those that its author gave, only whose it is.
    if isinstance(node, ast.Name):
        return "name" if node.id in own_names else node.id
    # Of a long text its beginning is enough to tell it from others.
    if isinstance(node, ast.Constant):
        # A number of more digits than Python writes, which a source can hold in hexadecimal ones.
        is_long = isinstance(node.value, int) and node.value.bit_length() > MAX_INT_BITS
        return "number" if is_long else repr(node.value)[:80]
    return f".{node.attr}" if isinstance(node, ast.Attribute) else type(node).__name__


def _children(node: ast.AST) -> list[ast.AST]:
    """In order of the text; without docstrings, annotations and the arguments' list of a function."""
    children = []
    for field, value in ast.iter_fields(node):
        if field in DROPPED_FIELDS or (field == "args" and isinstance(node, DEFINITIONS)):
            continue
        parts = value if isinstance(value, list) else [value]
        if field == "body" and isinstance(node, (*DEFINITIONS, ast.Module)) and ast.get_docstring(node, False):
            parts = parts[1:]
        children += [part for part in parts if isinstance(part, ast.AST)]
    return children
