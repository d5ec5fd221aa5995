from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)

    def greeting(self) -> str:
        text = f"Hello {self.name}"
        return text  # a breakpoint
