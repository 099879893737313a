"""What a person touches and sees: five buttons and a stick of eight lights."""
