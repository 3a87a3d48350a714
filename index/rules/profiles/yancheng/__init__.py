"""Sample: facts of the Yancheng scheme of 2024. Not an office of anybody."""
