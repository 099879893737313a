"""Start the massager."""

try:
    from massager.startup import Startup
except Exception as error:
    print("firmware incomplete:", error, "- every output is off; run massager flash again")
else:
    Startup().run()
