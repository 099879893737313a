"""Text of the user sheet, made from the firmware's own tables."""
