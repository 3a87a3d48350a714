"""Where a report was asked for or a case was filed (inventory D07: online and at the desk)."""

from enum import StrEnum


class Channel(StrEnum):
    """``SELF``: the company itself, online. ``SERVICE``: another system, with the service's token."""

    DESK = "desk"
    SELF = "self"
    SERVICE = "service"
