"""What the user sheet says, in words, made from the firmware's own tables."""
