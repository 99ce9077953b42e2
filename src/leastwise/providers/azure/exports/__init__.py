"""Exported files of Azure → raw documents, one `Collected` a tree."""
