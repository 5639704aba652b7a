"""The recipe: the visible, ordered steps that make a table of what a file holds.

It knows what a step is, how a recipe is written and read as text, which steps an understanding
proposes, whether a recipe fits a file, and what each step does to rows and cells. It refuses to
know where a recipe is kept and who may see the values in it.
"""
