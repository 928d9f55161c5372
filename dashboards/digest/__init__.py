"""The weekly digest: what each reader is told, how it is said, and how it gets to them once."""
