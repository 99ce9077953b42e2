"""CloudTrail records → who did what to which resource. Pure: bytes and records in, values out.

`reading` takes files apart into `record.Record`s; `principals` says who did it, `sessions` which sessions a call began;
`permissions` what permissions the call needs, `outcomes` whether they were used, `implied` which others it needs that
CloudTrail never logs; `resources` what it touched. The tables that all this follows lie in `data/events`, compiled
into `data/events.lwc` (`tables`).

Everything but the record itself repeats, and a caller that reads many records keeps what it was told before: each
module says by what. See docs/decisions/0019-events-to-usage.md.
"""
