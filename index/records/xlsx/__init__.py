"""Reading a workbook (.xlsx, ECMA-376) that may come from an enemy: streamed, bounded, nothing calculated or fetched.

``package`` (the zip and its bounds) → ``streaming`` (XML without document types) → ``parts`` (which sheets there are,
which formats are dates, shared texts) → ``worksheet`` (rows of text) → ``values`` (one cell: its text, or why it is
none); ``reading`` puts them together.
Why not a library's reader: docs/decisions/0120.
"""
