"""Exported AWS files → raw documents with their scope and their coverage. Nothing is interpreted here."""
