import os

from auth.models import Customer
from django.http import HttpRequest, JsonResponse

from shop import prices


def total(request: HttpRequest) -> JsonResponse:
    answer = prices.total(int(request.GET["price"]), int(request.GET["count"]))
    return JsonResponse({"total": answer, "pid": os.getpid()})


def customer(request: HttpRequest, name: str) -> JsonResponse:
    found = Customer.objects.filter(name=name)
    return JsonResponse({"greeting": Customer(name=name).greeting(), "known": found.count()})
