"""Who lives in the town by themselves, and what its shops sell: the names of the world and what they are here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity import queries as identity
from wuyou.infra import sight
from wuyou.surfaces.cli.demo.world import World


@dataclass(frozen=True)
class Neighbours:
    """People by handle, products by picture."""

    people: Mapping[str, int]
    """Everyone of the world."""
    living: Mapping[str, int]
    """Those who do something by themselves: nobody whose password was printed."""
    products: Mapping[str, int]
    seller_of: Mapping[int, int]
    """Product → who sells it."""
    shops: Mapping[int, int]
    """Shop → whose it is."""
    newcomers: frozenset[int]
    """Those who wait for a team that takes new buyers alone."""

    @property
    def ids(self) -> frozenset[int]:
        """The numbers of those who live by themselves."""
        return frozenset(self.living.values())

    def is_guest(self, person_id: int) -> bool:
        """Whether somebody real may be behind a person: who registered here, or whose password was printed."""
        return person_id not in self.ids

    def find_handle(self, person_id: int) -> str | None:
        """What the world calls one of its people; None for who came later."""
        return next((handle for handle, number in self.people.items() if number == person_id), None)


def find_neighbours(world: World) -> Neighbours:
    """Look for everyone and everything of the world; the database holds it. Cost: a few queries a shop."""
    found = identity.persons_by_handle([person.handle for person in world.people])
    people = {handle: person.id for handle, person in found.items()}
    living = {person.handle: people[person.handle] for person in world.people if not person.login}
    products: dict[str, int] = {}
    sellers: dict[int, int] = {}
    shops: dict[int, int] = {}
    for entry in world.shops:
        titles = {product.title: product for product in entry.products}
        for shop in catalog.list_shops_of(people[entry.owner]):
            shops[shop.id] = people[entry.owner]
            for product in catalog.list_products(shop_id=shop.id, limit=100).items:
                written = titles.get(product.title)
                if written is not None and written.picture == product.picture:
                    products[written.called] = product.id
                    sellers[product.id] = people[entry.owner]
    newcomers = frozenset(people[person.handle] for person in world.people if person.newcomer)
    return Neighbours(people, living, products, sellers, shops, newcomers)


def who_may_meet(neighbours: Neighbours, person_id: int, but: Collection[int] = ()) -> list[int]:
    """Those who live by themselves and may meet a person, nobody across a block, without these. Cost: two queries."""
    met = identity.persons_met(sight.get_viewer(person_id), neighbours.ids)
    return sorted(set(met) - set(but) - {person_id})
