"""What readers get beside the pages: lists with counts, feeds, mail, topics put together by editors."""
