"""One file per step; a landed file never changes."""
