"""The page of `massager panel`: a thin view over the functions that the commands use."""
