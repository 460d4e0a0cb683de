"""Pages of conversion and hot topics."""
