"""What Google Cloud's policies are written in: members, names of permissions and resources, policies, roles; pure."""
