"""Fakes of hosts of code on loopback: GitHub and GitLab, each over a small git of its own."""
