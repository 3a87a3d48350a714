"""The steps by which ``office.db`` grew, one file each, run by ``index.store.migrating``."""
