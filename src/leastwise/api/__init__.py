"""The JSON API and the server of the page; loaded by `leastwise serve` only."""
