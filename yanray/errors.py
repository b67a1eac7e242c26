"""Every error that Yanray raises on purpose, as one tree.

    YanrayError                 a message that names the thing, the place and the remedy
    ├── UsageError              the command line or an option is wrong            exit 2
    ├── ConfigError             config.yaml or an environment variable is wrong   exit 2
    ├── DataError               a file given by the user does not read            exit 1
    ├── ModelError              a model cannot be found, loaded or run            exit 1
    └── ToolError               a tool's fault or the model's: text that the model reads, never a crash

A ToolError never leaves the turn loop; the others end the command with their message and exit code.
"""

from __future__ import annotations


class YanrayError(Exception):
    """The root. `exit_code` is what the process returns when nobody handles it."""

    exit_code = 1


class UsageError(YanrayError):
    """The command line is wrong."""

    exit_code = 2


class ConfigError(YanrayError):
    """A setting is unknown, of the wrong type, or out of range."""

    exit_code = 2


class DataError(YanrayError):
    """A file that the user named cannot be read as what it should be."""


class ModelError(YanrayError):
    """A model cannot be found, loaded or run."""


class ToolError(YanrayError):
    """A call failed; the message tells the model what to write instead."""
