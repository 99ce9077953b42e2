"""Brightwater Parcel in Azure: what is there as lists, written as answers of Azure Resource Manager and of `az`."""
