"""One arrow of the data path per file; `workflow` strings them together."""
