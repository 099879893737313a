"""Define the conversions between units that the tools share."""

PA_PER_MMHG = 133.322
