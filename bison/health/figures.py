"""How many are healthy."""


def summary():
    return {}


def series():
    return []
