"""Records of the directory's logs and of Microsoft 365's → who did what to which object. Pure: bytes in, values out.

`reading` takes files apart, `spelling` tells which log a record is of, whichever form it has; `audits`, `signins`,
`requests` and `unified` read one of each; `principals` says who did it, `activities` which actions of roles an activity
is, `asking` which permissions of Graph a request needs; `telling` puts these together, `changing` says what changed.
See docs/decisions/0036-entra-logs.md.
"""
