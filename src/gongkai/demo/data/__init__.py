"""What the demo plays: units, posts, notices, sentences and the plot. Everything here is invented."""
