"""One file a group of commands; what a command needs is imported when it runs, so that `--help` stays quick."""
