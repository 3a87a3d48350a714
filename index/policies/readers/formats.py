"""Formats by name, for people and for searching folders; what a file is, its content decides (``kinds``)."""

FORMATS = {
    "Word": (".docx", ".docm", ".doc", ".wps", ".rtf", ".odt"),
    "网页": (".html", ".htm", ".mht", ".mhtml"),
    "文字版 PDF": (".pdf",),
    "纯文本": (".txt", ".md", ".markdown"),
}
"""What people call a format, and the endings a folder is searched for. doc, wps, rtf and odt need LibreOffice."""

READABLE = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)
