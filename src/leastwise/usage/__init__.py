"""What is really used: granted against what logs show, in values; knows no vendor, no store."""
