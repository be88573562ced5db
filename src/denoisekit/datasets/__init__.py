"""Data sets of image pairs: tables, folders, downloads, registration, train/test leakage."""
