"""A study: its settings checked and named, the code it reaches, the record of its run."""
