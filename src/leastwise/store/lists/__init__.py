"""Lists that are opened, not read: rows as mapped columns, the order by each of them, and where each value stands.

What a column means is not known here. A list is a folder with a file a column; see `writing` and `opened`.
"""
