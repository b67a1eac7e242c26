"""Find out where a parcel is."""


def run(number: str) -> str:
    """number: the parcel's number"""
    raise ValueError("the parcel service is closed until Monday")
