"""What ``chenghe office init`` writes above the rows of each file: how a clerk fills it in."""
