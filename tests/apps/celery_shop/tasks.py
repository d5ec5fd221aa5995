"""A Celery application whose broker and results are folders."""

import os

import prices
from celery import Celery

app = Celery("tasks")
app.conf.update(
    broker_url="filesystem://",
    broker_transport_options={"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"},
    result_backend="file://results",
    broker_connection_retry_on_startup=True,
)


@app.task
def total(price: int, count: int) -> list[int]:
    return [prices.total(price, count), os.getpid()]
