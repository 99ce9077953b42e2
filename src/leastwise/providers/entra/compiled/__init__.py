"""A tenant compiled to arrays, and the port of questions about it.

What is decided is what `evaluate` decides, asked over a view of the estate that holds what bears on a question.
"""

FORMAT = 3
"""The form of the arrays; other ones are made again."""
