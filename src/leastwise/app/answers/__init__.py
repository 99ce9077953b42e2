"""Answers as JSON, one file a subject: what the command line prints and the API returns is made here, once."""
