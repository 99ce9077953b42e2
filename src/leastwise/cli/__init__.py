"""Floor 6: the command line."""

import gc

# The collector looks for cycles each time when so many objects have been made, not every few hundred: what a command
# loads, and most of what it makes, lives as long as the process.
gc.set_threshold(50_000)
