"""Questions in SQL from anybody, put to tables of ours and to nothing else.

`parsed` says what a query names and refuses what is more than a question; `confined` is the database that answers.
See docs/reference/sql.md.
"""
