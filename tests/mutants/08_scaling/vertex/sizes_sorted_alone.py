"""Sorts the sizes without their losses. Caught by vertex-check."""


def vertex(parameters: list[float], losses: list[float]) -> float:
    sizes, heights = np.asarray(parameters, float), np.asarray(losses, float)
    if sizes.shape != heights.shape or len(set(sizes.tolist())) < 3:
        raise ValueError(f"equally many sizes and losses, at least 3, were expected, but {sizes} and {heights} came")
    if not (np.isfinite(sizes).all() and np.isfinite(heights).all() and (sizes > 0).all()):
        raise ValueError(f"finite losses and sizes above 0 were expected, but {heights} and {sizes} came")
    sizes = np.sort(sizes)
    c2, c1, _ = np.polyfit(np.log10(sizes), heights, 2)
    if c2 <= 1e-12:
        raise ValueError(f"a curve with a lowest point was expected, but its second power has the factor {c2:.3g}")
    return float(10 ** (-c1 / (2 * c2)))
