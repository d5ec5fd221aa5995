"""A FastAPI application: `/total/{name}?price=3&count=4`, awaited and in a thread."""

import os

import prices
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Answer(BaseModel):
    total: int
    pid: int


@app.get("/total/awaited")
async def awaited(price: int, count: int) -> Answer:
    return Answer(total=prices.total(price, count), pid=os.getpid())


@app.get("/total/threaded")
def threaded(price: int, count: int) -> Answer:
    answer = Answer(total=price * count, pid=os.getpid())
    return answer
