"""Refuses a span that begins where one ends. Caught by corrupt-check."""


def corrupt(tokens: list, spans: list[tuple[int, int]], sentinels: list) -> tuple[list, list]:
    if not tokens or len(sentinels) <= len(spans):
        raise ValueError(
            f"tokens and {len(spans) + 1} sentinels were expected, but {len(tokens)} and {len(sentinels)} came"
        )
    inputs, targets, done = [], [], 0
    for (start, end), sentinel in zip(spans, sentinels, strict=False):
        if not (done < start or start == done == 0) or not start < end <= len(tokens):
            raise ValueError(f"a span within ({done}, {len(tokens)}) was expected, but ({start}, {end}) came")
        inputs += [*tokens[done:start], sentinel]
        targets += [sentinel, *tokens[start:end]]
        done = end
    return inputs + tokens[done:], [*targets, sentinels[len(spans)]]
