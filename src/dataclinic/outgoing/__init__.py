"""What formats and exporters share when data goes out: the cleaned samples, safe file names, links, the manifest."""
