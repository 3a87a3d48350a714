"""Who the office talks to: the assistant, the channels, the ``chenghe`` command. Imports index and verify; never signs."""
