"""Learning from the owner's own conversations: what they teach, and whether it was learnt."""
