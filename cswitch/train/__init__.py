"""Training of the models that ship with the package; the only part that needs torch."""
