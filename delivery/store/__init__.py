"""From a connector's records to rows: one module for each sort of thing, one door (``pages``) for all of them."""
