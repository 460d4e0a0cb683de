"""The channels room: where openness reaches people beside the site. Offline places first."""
