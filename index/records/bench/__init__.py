"""How fast a file of records is imported, beside bare parsing and inserting of the same rows in the same run."""
