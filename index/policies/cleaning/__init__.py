"""Cleaning: a raw policy text in, the text one can quote out. Small stages, each idempotent, in one fixed order.

| stage | reads | writes |
|---|---|---|
| even_lines | any text | NFC, ``\\n``, no indents, no blank lines |
| repair_mojibake | annotations still in it | bytes put back |
| drop_pinyin | 強(qiáng) | 強 |
| simplify_traditional | traditional script | simplified script |
| drop_chrome | lines | no site chrome |
| widen_punctuation | half-width marks | full-width in Chinese context |
| close_spaced_headings | 总 则 | 总则 |
| even_rows | table rows | ``a | b | c`` |
| join_broken_lines | titles cut in two | one line |
| drop_repetitions | doubled title, doubled body | once |

The raw file is kept beside the clean text (``index.policies.library``).
"""

from index.policies.cleaning.chrome import drop_chrome
from index.policies.cleaning.lines import close_spaced_headings, drop_repetitions, even_lines, join_broken_lines
from index.policies.cleaning.mojibake import repair_mojibake
from index.policies.cleaning.punctuation import widen_punctuation
from index.policies.cleaning.script import drop_pinyin, simplify_traditional, to_simplified
from index.policies.cleaning.stage import Pipeline, Stage
from index.policies.cleaning.tables import even_rows

STAGES: tuple[Stage, ...] = (
    even_lines,
    repair_mojibake,
    drop_pinyin,
    simplify_traditional,
    drop_chrome,
    widen_punctuation,
    close_spaced_headings,
    even_rows,
    join_broken_lines,
    drop_repetitions,
)

clean = Pipeline(STAGES)
"""``clean(raw) -> str``: all stages; the result ends without a newline and ``clean(clean(x)) == clean(x)``."""

__all__ = ["STAGES", "Pipeline", "Stage", "clean", "to_simplified"]
