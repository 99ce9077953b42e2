"""Collecting from AWS over its API, read-only. Only this folder imports the vendor's SDK."""
