# made by schemagen from customer.json; do not edit
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar
from uuid import UUID

from schemagen import EntityFacts, FieldFacts, ForeignKey, MaxLength, Precision, PrimaryKey, Unique, int32, int64

__schemagen_source__ = "customer.json"
__schemagen_digest__ = "7b5465cdd6fb75736ffa48f42ce311a2c7148d3718607655a61c239e831863a7"


class OrderState(Enum):
    open = "open"
    paid = "paid"
    shipped = "shipped"
    cancelled = "cancelled"


@dataclass(kw_only=True)
class Customer:
    """Somebody who has ordered at least once

    :param phone: null: has none; absent: never asked
    """

    __schemagen__: ClassVar[EntityFacts] = EntityFacts(table="customer", key=("id",), pointer="#")

    id: PrimaryKey[int64]
    email: Unique[Annotated[str, MaxLength(254)]]
    name: Annotated[str, MaxLength(200)]
    phone: str | None = field(default=None, metadata={"schemagen": FieldFacts(nullable=True)})
    address: CustomerAddress | None = None
    tags: list[str] | None = None
    registered_at: datetime | None = None


@dataclass(kw_only=True)
class Order:
    """What was bought, at what price, and how far it has come

    :param total: Gross amount in euro
    """

    __schemagen__: ClassVar[EntityFacts] = EntityFacts(table="order", key=("id",), pointer="#")

    id: PrimaryKey[UUID]
    customer_id: Annotated[int64, ForeignKey("Customer", "id")]
    state: OrderState
    placed_at: datetime
    paid_on: date | None = None
    total: Annotated[Decimal, Precision(10, 2)]
    item_count: int32 | None = None
    coupon: Annotated[str, MaxLength(40)] | None = None
    note: Annotated[str, MaxLength(200)] | None = None
    lines: list[OrderLine]


@dataclass(kw_only=True)
class CustomerAddress:
    """
    :param country: ISO 3166-1 alpha-2
    """

    street: str | None = None
    city: str
    country: str


@dataclass(kw_only=True)
class OrderLine:
    """
    :param price: Gross amount in euro
    """

    sku: Annotated[str, MaxLength(32)]
    title: str | None = None
    quantity: int
    price: Annotated[Decimal, Precision(10, 2)]
