"""Exported files of Microsoft Entra ID → raw documents, one `Collected` a tenant."""
