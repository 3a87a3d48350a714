"""Built-in offices, one folder each; packages so that the installed distribution carries their files."""
