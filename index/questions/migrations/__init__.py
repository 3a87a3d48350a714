"""The steps by which ``questions.db`` grew, one file each, run by ``index.store.migrating``."""
