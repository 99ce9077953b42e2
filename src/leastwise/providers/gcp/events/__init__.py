"""Audit log entries of Cloud Logging → who did what to which resource. Pure: bytes and entries in, values out.

`reading` takes files apart, `entry` reads one entry in whichever spelling it has; `principals` says who did it,
`permissions` what a method needs where the entry does not say it, `outcomes` whether that was used, `attached` which
service accounts it handed on, `resources` what it touched; `telling` puts these together, `changing` says what changed.
See docs/decisions/0027-google-cloud-logs.md.
"""
