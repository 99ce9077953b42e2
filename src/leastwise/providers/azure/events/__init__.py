"""Records of Azure's logs → who did what to which resource. Pure: bytes and records in, values out.

`reading` takes files apart, `spelling` reads a record in whichever form it has, `rows` (of Log Analytics) among them;
`principals` says who did it, `permissions` what an operation needs, `outcomes` whether that was used, `resources` what
it touched; `telling` puts these together, `changing` says what changed. See docs/decisions/0031-azure-logs.md.
"""
