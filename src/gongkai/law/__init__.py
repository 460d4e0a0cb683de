"""Pure ground floor: what the rules say, each function citing its source."""
