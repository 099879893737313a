"""The operating panel: five buttons and a stick of eight lights."""
