"""The steps by which ``messages.db`` grew, one file each, run by ``index.store.migrating``."""
