"""Collecting the directory over Microsoft Graph."""
