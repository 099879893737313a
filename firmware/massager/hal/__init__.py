"""The only place that touches the chip: pins, PWM, ADC, watchdog, light stick, store."""
