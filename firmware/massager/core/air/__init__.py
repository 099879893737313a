"""The pump and the chambers: squeezing from ankle to knee, and proving that they vent."""
