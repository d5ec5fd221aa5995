"""Who shops here."""

from datetime import UTC, datetime

from .models import Address, NotFoundError, Tier, User


def _user(number: int, name: str, tier: Tier, joined: datetime, address: Address) -> User:
    return User(number, name, f"{name}@example.org", tier, joined, address)


_USERS = {
    user.name: user
    for user in [
        _user(1, "ada", Tier.GOLD, datetime(2019, 3, 14, tzinfo=UTC), Address("12 St James's Square", "London", "GB")),
        _user(2, "grace", Tier.GOLD, datetime(2020, 12, 9, tzinfo=UTC), Address("9 Navy Yard", "Arlington", "US")),
        _user(3, "linus", Tier.SILVER, datetime(2022, 9, 17, tzinfo=UTC), Address("Mannerheimintie 4", "Helsinki", "FI")),
        _user(4, "margaret", Tier.SILVER, datetime(2023, 7, 20, tzinfo=UTC), Address("75 Vassar Street", "Cambridge", "US")),
        _user(5, "guido", Tier.BASIC, datetime(2024, 2, 20, tzinfo=UTC), Address("Science Park 123", "Amsterdam", "NL")),
        _user(6, "radia", Tier.BASIC, datetime(2025, 6, 1, tzinfo=UTC), Address("1 Spanning Tree Road", "Redmond", "US")),
    ]
}


def users() -> list[User]:
    return list(_USERS.values())


def find(name: str) -> User:
    try:
        return _USERS[name]
    except KeyError:
        raise NotFoundError(f"There is no customer named {name!r}.") from None
