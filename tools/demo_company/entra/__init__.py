"""Brightwater Parcel in Microsoft Entra ID: people, groups and apps as lists, written as Microsoft Graph's pages."""
