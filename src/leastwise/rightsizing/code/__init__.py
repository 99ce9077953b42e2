"""The code that grants come from: which file and line holds which document, and the smallest change that makes it
another.

Pure over texts: whoever calls has read the files. Knows no vendor: what types and attributes of a vendor carry is
told by a `model.coding.Coding`.
"""
