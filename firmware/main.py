"""Starts the massager."""

import pack

if pack.mount():
    from massager.startup import Startup

    Startup().run()
