"""Who the office talks to: assistant, channels, the ``chenghe`` command. Imports index and verify; never signs."""
