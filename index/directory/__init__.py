"""Who works here, and under which accounts they are known on which platform."""
