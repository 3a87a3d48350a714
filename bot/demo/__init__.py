"""The demonstration: a fictional city, its texts, companies and records, and the story told with them."""
