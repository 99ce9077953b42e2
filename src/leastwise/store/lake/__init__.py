"""The usage lake: what audit logs said, in parts of Parquet files that the state database lists.

`keys` tells events apart; `grouping` and `aggregate` count them; `parts` are the files of one month that were written
together; `manifest` says which parts count, and which sources were taken in; `ingest` adds events; `sessions` joins
what began sessions; `lake` is what readers use. See docs/decisions/0020-usage-lake.md.
"""
