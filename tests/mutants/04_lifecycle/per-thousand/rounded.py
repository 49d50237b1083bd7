"""Rounds to cents. Caught by per-thousand-check."""


def per_thousand(hour_dollars: float, per_second: float, mean_per_hour: float, peak_per_hour: float) -> float:
    given = (hour_dollars, per_second, mean_per_hour, peak_per_hour)
    if not all(0 < x < math.inf for x in given) or peak_per_hour < mean_per_hour:
        raise ValueError(f"four numbers above 0, the peak not below the mean, were expected, but {given} came")
    machines = max(1, math.ceil(peak_per_hour / (3600 * per_second)))
    return round(machines * hour_dollars / mean_per_hour * 1000, 2)
