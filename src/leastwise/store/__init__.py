"""Floor 3: home folder, raw segments, Parquet snapshots, manifest and state database. Decides nothing."""
