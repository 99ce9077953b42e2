"""What reading the audit logs of several vendors has in common: values in files, times, rows of events."""
