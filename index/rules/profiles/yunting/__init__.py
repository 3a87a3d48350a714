"""Fictional: the city of Yunting 云汀市 does not exist."""
