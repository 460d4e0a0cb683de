"""The subcommands of `gongkai`, one module each: `add_arguments(parser)` and `run(options) -> exit status`.

These modules import nothing heavy at the top: `gongkai compile` must not wait for Django.
"""
