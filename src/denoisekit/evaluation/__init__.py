"""Evaluation of images: metrics, score conventions, sharpness, image statistics, display."""
