"""Pure: blocks -> notice with tasks, assignments, deadlines, targets and citations."""
