"""The server's words of the command line: entry points of the group `simplr.commands`.

Each module has `register(commands)`, which adds its words to the parser that the client built.
Nothing here imports Django; what needs it runs in a process of its own.
"""
