"""Uses the first sentinel for every span. Caught by corrupt-check."""


def corrupt(tokens: list, spans: list[tuple[int, int]], sentinels: list) -> tuple[list, list]:
    if not tokens or len(sentinels) <= len(spans):
        raise ValueError(f"tokens and {len(spans) + 1} sentinels were expected, but {len(tokens)} tokens came")
    inputs, targets, done = [], [], 0
    sentinel = sentinels[0]
    for start, end in spans:
        if not done <= start < end <= len(tokens):
            raise ValueError(f"a span after {done} was expected, but ({start}, {end}) came")
        inputs += [*tokens[done:start], sentinel]
        targets += [sentinel, *tokens[start:end]]
        done = end
    return inputs + tokens[done:], [*targets, sentinels[len(spans)]]
