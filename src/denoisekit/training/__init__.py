"""Training of networks: patches, batches, objectives, and the loop that all of them share."""
