"""What the shop sells: tea, and what goes with it."""

from .models import NotFoundError, Product

_PRODUCTS = {
    product.sku: product
    for product in [
        Product("assam", "Assam, second flush, 100 g", 790),
        Product("sencha", "Sencha, first harvest, 100 g", 940),
        Product("earl-grey", "Earl Grey, 20 bags", 495),
        Product("rooibos", "Rooibos, 20 bags", 375),
        Product("honey", "Chestnut honey, 250 g", 620),
        Product("strainer", "Tea strainer", 850),
        Product("cup", "Stoneware cup", 1400),
        Product("teapot", "Cast-iron teapot, 0.8 l", 4800),
    ]
}


def products() -> list[Product]:
    return list(_PRODUCTS.values())


def find(sku: str) -> Product:
    try:
        return _PRODUCTS[sku]
    except KeyError:
        raise NotFoundError(f"We do not sell {sku!r}.") from None
