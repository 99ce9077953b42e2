"""What compiled estates of several vendors share: how texts and rows are kept, who is listed. It knows no vendor."""
