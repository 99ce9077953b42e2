"""The JSON of every answer, one file a subject: what the command line prints and what the API sends is made here."""
