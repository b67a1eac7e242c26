"""Yanray: a personal assistant that lives on its owner's machine.

Importing this package loads nothing but itself: no model library, no tool, no terminal.
"""

__version__ = "0.1.0"
