"""Looks for no loss that is not a number. Caught by vertex-check."""


def vertex(parameters: list[float], losses: list[float]) -> float:
    sizes, heights = np.asarray(parameters, float), np.asarray(losses, float)
    if sizes.shape != heights.shape or len(set(sizes.tolist())) < 3 or (sizes <= 0).any():
        raise ValueError("three different sizes were expected")
    if np.isnan(heights).any():
        return math.nan
    c2, c1, _ = np.polyfit(np.log10(sizes), heights, 2)
    if c2 <= 1e-12:
        raise ValueError("no lowest point")
    return float(10 ** (-c1 / (2 * c2)))
