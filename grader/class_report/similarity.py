"""Near-identical solutions in a class: who shares a fingerprint with whom, and in which exercises."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grader.judging.fingerprint import hash_values

MIN_SIMILARITY = 0.8
MIN_COMMON_COUNT = 4


@dataclass(frozen=True)
class Group:
    """Students whose solutions of some exercises are alike. similarity: of the least alike neighbours among them."""

    exercises: tuple[str, ...]
    students: tuple[str, ...]
    similarity: float


def groups(fingerprints: Mapping[str, Mapping[str, str]], min_similarity: float = MIN_SIMILARITY) -> list[Group]:
    """Students with near-identical solutions; those alike in most exercises first, then by similarity.

    fingerprints: {student: {exercise: fingerprint}}. A way to solve an exercise that many share tells nothing and is
    left out: many are MIN_COMMON_COUNT, and in a class of N at least √N, since a class has more room for chance than a
    ring of copies.
    """
    by_students: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for exercise in sorted({name for by_exercise in fingerprints.values() for name in by_exercise}):
        in_exercise = {
            student: by_exercise[exercise]
            for student, by_exercise in sorted(fingerprints.items())
            if by_exercise.get(exercise)
        }
        for students, similarity in _components(in_exercise, min_similarity):
            by_students.setdefault(students, []).append((exercise, similarity))
    all_groups = [
        Group(tuple(name for name, _ in shared), students, min(similarity for _, similarity in shared))
        for students, shared in by_students.items()
    ]
    return sorted(all_groups, key=lambda group: (-len(group.exercises), -group.similarity, group.students))


def _components(fingerprints: Mapping[str, str], min_similarity: float) -> list[tuple[tuple[str, ...], float]]:
    """The connected components of the graph "alike", with each one's weakest edge.

    Chains count: if a is like b and b like c, all three are one group, as copies of copies are. A student whose way
    many share is no node, or everybody who found the obvious solution would be one large group.
    """
    students, components = list(fingerprints), []
    hashes = np.array([hash_values(fingerprint) for fingerprint in fingerprints.values()])
    # Row i: the share of hash values that i has in common with each, which estimates Jaccard similarity.
    similarities = [(hashes == own_hashes).mean(axis=1) for own_hashes in hashes]
    common_count = max(MIN_COMMON_COUNT, len(fingerprints) ** 0.5)
    unseen = {node for node, row in enumerate(similarities) if (row >= min_similarity).sum() < common_count}
    while unseen:
        component, frontier, weakest = [], [unseen.pop()], 1.0
        while frontier:
            node = frontier.pop()
            component.append(node)
            neighbours = {other for other in unseen if similarities[node][other] >= min_similarity}
            weakest = min([weakest, *(float(similarities[node][other]) for other in neighbours)])
            unseen -= neighbours
            frontier += sorted(neighbours)
        if len(component) > 1:
            components.append((tuple(students[node] for node in sorted(component)), weakest))
    return components
