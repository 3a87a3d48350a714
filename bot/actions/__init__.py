"""What a member can have done in chat, one module each."""
