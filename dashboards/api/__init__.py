"""The digest in the REST API."""
