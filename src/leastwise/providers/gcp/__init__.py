"""Google Cloud. `PROVIDER` is the only public name; what it needs is imported when it is called."""
