"""Forgets the 2 in the vertex. Caught by vertex-check."""


def vertex(parameters: list[float], losses: list[float]) -> float:
    sizes, heights = np.asarray(parameters, float), np.asarray(losses, float)
    if sizes.shape != heights.shape or len(set(sizes.tolist())) < 3:
        raise ValueError("three different sizes were expected")
    if not (np.isfinite(sizes).all() and np.isfinite(heights).all() and (sizes > 0).all()):
        raise ValueError("finite numbers were expected")
    c2, c1, _ = np.polyfit(np.log10(sizes), heights, 2)
    if c2 <= 1e-12:
        raise ValueError("no lowest point")
    return float(10 ** (-c1 / c2))
