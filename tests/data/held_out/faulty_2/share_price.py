"""Look up what a company's share costs."""


def run(company: str) -> str:
    """company: its name"""
    raise ConnectionError("the network is down")
