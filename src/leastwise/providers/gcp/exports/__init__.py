"""Exported files of Google Cloud → raw documents, one `Collected` a tree."""
