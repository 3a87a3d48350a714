"""How large a row of a department's file may be, whichever kind of file: what is larger was made to harm, or is no row.

Rule kept: nothing that a file can make longer than these is ever held in memory.
"""

MAX_COLUMNS = 512
MAX_CELL_CHARACTERS = 131_072
"""As ``csv`` has it (field_size_limit)."""
MAX_ROW_CHARACTERS = 1 << 20
MAX_CHUNK_CHARACTERS = 8 << 20
"""Of the rows that are read and landed at a time; ordinary rows have some hundred each."""
