"""How fast reports are issued: every step by itself, and the whole. ``make bench-issue``; docs/benchmarks.md."""
