"""The smallest grant: what stays, the proof, and how it is written."""
