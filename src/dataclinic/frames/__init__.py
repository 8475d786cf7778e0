"""From the frame of a table and the roles of its columns to a dataset; shared by every format that holds a table."""
