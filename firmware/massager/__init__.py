"""The massager's firmware: a control core that knows no hardware, and thin layers around it."""

VERSION = "0.1.0"
