"""How fast verifying is, beside a named peer in the same run: see docs/benchmarks.md."""
