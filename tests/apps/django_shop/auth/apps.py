from django.apps import AppConfig


class ShopAuth(AppConfig):
    name = "auth"
    label = "shop_auth"
