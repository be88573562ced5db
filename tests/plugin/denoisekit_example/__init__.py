"""A filter, a loss, a network and a metric for denoisekit: the smallest of each kind."""
