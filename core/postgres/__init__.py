"""Django's PostgreSQL, with an end to waiting where somebody waits for the answer.

`base` is the backend that the settings name; `patience` is how the web process limits its waiting.
`partitions` makes and drops the days of the great logs.
"""
