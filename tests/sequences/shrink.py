# SPDX-License-Identifier: MIT
"""Makes a sequence of calls that differs from the model shorter."""

TRIES = 3  # a difference may depend on timing


def attempt(calls, replay):
    for _ in range(TRIES):
        play, played, difference = replay(calls)
        if difference:
            return play, played, difference
    return None


def shrink(calls, replay):
    """The shortest play found, as replay() returns it; None if the difference does not recur.

    Takes out runs of calls, long ones first, as long as there is still a difference.
    """
    best = attempt(calls, replay)
    if best is None:
        return None
    size = max(1, len(best[1]) // 2)
    while size:
        start, shorter = 0, False
        while start < len(best[1]):
            calls = best[1]
            found = attempt(calls[:start] + calls[start + size:], replay)
            if found and len(found[1]) < len(calls):
                best, shorter = found, True
            else:
                start += size
        if not shorter or size > 1:
            size //= 2
    return best
