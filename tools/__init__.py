"""Tools for people who work on gongkai; not part of the installation."""
