"""Gives dollars per summary. Caught by per-thousand-check."""


def per_thousand(hour_dollars: float, per_second: float, mean_per_hour: float, peak_per_hour: float) -> float:
    given = (hour_dollars, per_second, mean_per_hour, peak_per_hour)
    if not all(0 < value < math.inf for value in given) or peak_per_hour < mean_per_hour:
        raise ValueError(f"finite numbers above 0 and a peak no lower than the mean were expected, but {given} came")
    machines = math.ceil(peak_per_hour / (3600 * per_second))
    return machines * hour_dollars / mean_per_hour
