"""Requests for the tools that Yanray ships with, and what comes of them."""
