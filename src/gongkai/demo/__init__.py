"""The invented district that fills a demo installation with life."""
