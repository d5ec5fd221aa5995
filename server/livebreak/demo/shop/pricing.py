"""What a cart costs."""

from datetime import datetime

from .discounts import coupon_discount, loyalty_discount
from .models import Cart, Quote, Tier, User

SHIPPING = 390
FREE_SHIPPING_FROM = 4000


def quote(cart: Cart, now: datetime) -> Quote:
    """The sum of the cart's lines, less the customer's discounts, plus shipping."""
    subtotal = sum(line.price for line in cart.lines)
    loyalty = loyalty_discount(cart.user, subtotal)
    coupon = coupon_discount(cart.coupon, subtotal, now)
    shipping = shipping_cost(cart.user, subtotal)
    total = subtotal - loyalty - coupon + shipping
    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)


def shipping_cost(user: User, subtotal: int) -> int:
    """Large carts and gold customers travel free."""
    if user.tier is Tier.GOLD or subtotal >= FREE_SHIPPING_FROM:
        return 0
    return SHIPPING
