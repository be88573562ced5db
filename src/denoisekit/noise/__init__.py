"""Camera noise: estimated from images, described by a card, modelled value by value."""
