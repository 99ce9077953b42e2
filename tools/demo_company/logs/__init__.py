"""What happened at Brightwater Parcel: its CloudTrail records, and the truth that they tell only a part of."""
