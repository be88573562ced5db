"""Statistics over many images: score tables, paired tests, and their wording."""
