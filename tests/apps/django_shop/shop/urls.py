from django.urls import path

from shop import views

urlpatterns = [path("total", views.total), path("customers/<str:name>", views.customer)]
