"""The jobs that run in a sandboxed child: `job(arguments, files, port)`.

A child gets open file descriptors and open keys, and gives back a result in JSON and data on
numbered channels. What is to be stored is sealed here, so that no cell value reaches the parent
in clear but what its caller is entitled to see.
"""
