"""Brightwater Parcel in Google Cloud: what is there as lists, written as Google's own exports."""
