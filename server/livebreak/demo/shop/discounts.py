"""What a customer does not have to pay: for being loyal, and for having a coupon."""

from datetime import UTC, datetime

from .models import Coupon, NotFoundError, Tier, User, percentage

LOYALTY_PERCENT = {Tier.BASIC: 0, Tier.SILVER: 5, Tier.GOLD: 10}

_COUPONS = {
    coupon.code: coupon
    for coupon in [
        Coupon("SPRING15", percent=15, minimum=2000),
        Coupon("TEATIME", percent=10),
        Coupon("GIFT15", amount=1500),
        Coupon("OPENING", percent=50, expires=datetime(2021, 1, 31, tzinfo=UTC)),
    ]
}


def find_coupon(code: str) -> Coupon:
    try:
        return _COUPONS[code]
    except KeyError:
        raise NotFoundError(f"There is no coupon {code!r}.") from None


def is_valid(coupon: Coupon, now: datetime) -> bool:
    return coupon.expires is None or now < coupon.expires


def loyalty_discount(user: User, subtotal: int) -> int:
    """The customer's own percentage of the cart."""
    return percentage(subtotal, LOYALTY_PERCENT[user.tier])


def coupon_discount(coupon: Coupon | None, subtotal: int, now: datetime) -> int:
    """What the coupon takes off: never more than the cart is worth."""
    if coupon is None or not is_valid(coupon, now) or subtotal < coupon.minimum:
        return 0
    return min(percentage(subtotal, coupon.percent) + coupon.amount, subtotal)
