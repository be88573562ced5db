"""Image files: read and written with their axes and metadata; normalisation of pixels."""
