"""The kernel knows nobody: no models of its own, no imports of any other room."""
