"""What every application here computes, so that a breakpoint means the same in all of them."""


def total(price: int, count: int) -> int:
    result = price * count
    return result  # a breakpoint
