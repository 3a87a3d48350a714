"""What a member is at this moment, in one word: what was said as somebody with other duties is said by somebody else.

* The word changes with the member, unit, roles and matters, and with every change of the member in the directory: also
  when an account is given to the member or taken away.
* A waiting dialogue and a stated purpose are kept with it, and are nobody's when it is another now.

Source: issue 6 §3. Decision: docs/decisions/0244.
"""

import hashlib
import json

from index.directory.model import Staff

NOBODY = ""
"""Of an account that nobody has."""


def standing_of(staff: Staff | None) -> str:
    if staff is None:
        return NOBODY
    changed = staff.changed_at.isoformat() if staff.changed_at else ""
    facts = [staff.id, staff.unit, sorted(staff.roles), sorted(staff.matters), staff.active, changed]
    return hashlib.sha256(json.dumps(facts).encode("ascii")).hexdigest()[:32]
