"""A long test is several in ctest: --part K/N of its command line chooses each Nth of what it goes through."""


def of(arguments):
    """A function that takes a list's part; removes --part K/N from the command line. All of it without."""
    if "--part" not in arguments:
        return lambda items: items
    at = arguments.index("--part")
    first, parts = (int(number) for number in arguments[at + 1].split("/"))
    del arguments[at : at + 2]
    if not 0 <= first < parts:
        raise ValueError("there is no part %d of %d" % (first, parts))
    return lambda items: items[first::parts]


def take(arguments, items):
    return of(arguments)(items)
