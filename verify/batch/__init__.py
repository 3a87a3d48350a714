"""Many reports at once, as at a tender opening: files in, one table out. Imports no issuing room and no index."""
