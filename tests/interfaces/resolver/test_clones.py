"""Every sign of a copy, each with the honest case that looks almost like it."""

from typing import Any

import pytest

from sogdia.interfaces.resolver.clones import DAY_US, HOUR_US, Case, Seen, Sign, Stay, signs, together
from sogdia.interfaces.resolver.geography import Point, apart_km, geohash_of, point_of, written_point

YIWU, LYON = Point(29.31, 120.08, 1.0), Point(45.76, 4.84, 1.0)
START_US = 1_772_409_600_000_000


def at(hours: float) -> int:
    return START_US + int(hours * HOUR_US)


def event(hours: float, step: str = "", party: str = "maker", **given: Any) -> Seen:
    return Seen(time_us=at(hours), words=(step,) if step else (), party=party, **given)


def scan(hours: float, **given: Any) -> Seen:
    return Seen(time_us=at(hours), is_scan=True, **given)


def found(*seen: Seen, **given: Any) -> dict[str, Sign]:
    case = Case(is_known=given.pop("is_known", True), seen=seen, **given)
    return {sign.rule: sign for sign in signs(case)}


def test_an_ordinary_life_shows_no_sign_at_all() -> None:
    assert (
        found(
            event(0, "commissioning", point=YIWU, place="yard"),
            event(10, "shipping", point=YIWU),
            event(400, "receiving", "shop", point=LYON),
            event(500, "retail_selling", "shop", point=LYON),
            product_has_serials=True,
            destinations=frozenset(("FR",)),
            stays=(Stay("case 1", at(1), at(401)),),
        )
        == {}
    )


# --- impossible travel ----------------------------------------------------------------------------------------------


def test_two_places_faster_than_an_airliner_is_a_sign() -> None:
    sign = found(scan(0, point=YIWU), scan(2, point=LYON))["impossible_travel"]
    assert sign.percent == 80
    assert sign.said["minutes"] == 120
    assert 9_300 < sign.said["km"] < 9_700


def test_the_same_way_in_a_day_is_a_flight() -> None:
    assert "impossible_travel" not in found(scan(0, point=YIWU), scan(24, point=LYON))


def test_what_the_places_are_unsure_of_is_taken_off() -> None:
    near, unsure = Point(45.0, 5.0, 1.0), Point(46.0, 5.0, 111.0)
    assert "impossible_travel" not in found(scan(0, point=near), scan(0.01, point=unsure))
    assert found(scan(0, point=near), scan(0.01, point=Point(46.0, 5.0, 1.0)))["impossible_travel"].percent == 60


def test_without_places_nothing_travels() -> None:
    assert "impossible_travel" not in found(scan(0), scan(1), event(2, point=LYON))


# --- after the end --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end, percent",
    [("destroying", 80), ("decommissioning", 80), ("killing", 80), ("retail_selling", 10), ("dispensing", 10)],
)
def test_a_scan_after_the_end_of_life_is_a_sign_but_buyers_scan_what_they_bought(end: str, percent: int) -> None:
    assert found(event(0, end), scan(5))["after_end"].percent == percent


def test_a_trade_event_after_the_sale_is_more_than_a_buyers_scan() -> None:
    assert found(event(0, "retail_selling"), event(5, "shipping", "elsewhere"))["after_end"].percent == 50


def test_two_parties_that_sell_one_item_are_a_stronger_sign_than_one_that_says_it_twice() -> None:
    assert found(event(0, "retail_selling"), event(5, "retail_selling", "other"))["after_end"].percent == 60
    assert found(event(0, "retail_selling"), event(5, "retail_selling"))["after_end"].percent == 10


def test_what_was_used_up_is_not_seen_again() -> None:
    assert found(event(0, consumes=True), scan(5))["after_end"].percent == 60
    assert "after_end" not in found(scan(0), event(5, consumes=True))


def test_a_return_brings_a_sold_item_back_into_trade() -> None:
    returned = Seen(time_us=at(5), words=("receiving", "returned"), party="shop")
    kept = found(event(0, "retail_selling", "shop"), returned, event(6, "shipping", "shop"))
    assert kept["after_end"].percent == 10


def test_a_scan_before_the_end_is_none_after_it() -> None:
    assert "after_end" not in found(scan(0), event(5, "destroying"))


# --- the country ----------------------------------------------------------------------------------------------------


def test_a_scan_where_the_product_is_not_offered_is_a_sign() -> None:
    sign = found(scan(0, country="BR"), destinations=frozenset(("FR", "DE")))["wrong_country"]
    assert sign.said == {"country": "BR", "destinations": ["DE", "FR"]}


@pytest.mark.parametrize(
    "seen, destinations",
    [(scan(0, country="FR"), ["FR"]), (scan(0), ["FR"]), (scan(0, country="BR"), []), (event(0, country="BR"), ["FR"])],
)
def test_the_right_country_an_unknown_one_and_no_limits_are_no_sign(seen: Seen, destinations: list[str]) -> None:
    assert "wrong_country" not in found(seen, destinations=frozenset(destinations))


# --- containers -----------------------------------------------------------------------------------------------------


def test_two_containers_at_one_time_are_a_sign() -> None:
    sign = found(stays=(Stay("case 2", at(5), None), Stay("case 1", at(0), at(10))))["two_containers"]
    assert (sign.said, sign.time_us) == ({"containers": ["case 1", "case 2"]}, at(5))


@pytest.mark.parametrize(
    "stays",
    [
        (Stay("case 1", at(0), at(5)), Stay("case 2", at(5), None)),
        (Stay("case 1", at(0), at(5)), Stay("case 1", at(3), None)),
        (Stay("case 1", at(0), None),),
    ],
)
def test_one_container_after_the_other_or_told_twice_is_none(stays: tuple[Stay, ...]) -> None:
    assert "two_containers" not in found(stays=stays)


def test_an_item_read_far_from_its_container_is_a_sign() -> None:
    read = event(5, "inspecting", place="Lyon", point=LYON)
    container = event(5.5, "storing", place="Yiwu", point=YIWU, is_own=False)
    case = {"stays": (Stay("case 1", at(0), at(10)),), "of_containers": (("case 1", container),)}
    assert found(read, **case)["away_from_container"].said == {
        "container": "case 1", "place": "Lyon", "container_place": "Yiwu"
    }  # fmt: skip


@pytest.mark.parametrize(
    "place, point, hours, end",
    [
        ("Yiwu", YIWU, 5.5, 10),  # the same place
        ("Gate 2", Point(29.35, 120.1, 1.0), 5.5, 10),  # two gates of one site
        ("Lyon", LYON, 9.0, 10),  # hours apart
        ("Lyon", LYON, 5.5, 4),  # it was taken out before
        ("Lyon", None, 5.5, 10),  # nobody knows where that is
    ],
)
def test_near_later_or_after_unpacking_is_no_sign(place: str, point: Point | None, hours: float, end: int) -> None:
    container = event(hours, "storing", place=place, point=point, is_own=False)
    case = {"stays": (Stay("case 1", at(0), at(end)),), "of_containers": (("case 1", container),)}
    assert "away_from_container" not in found(event(5, place="Yiwu", point=YIWU), **case)


def test_countries_tell_places_apart_where_degrees_are_not_known() -> None:
    container = event(5, "storing", place="A", country="CN", is_own=False)
    case = {"stays": (Stay("case 1", at(0), None),), "of_containers": (("case 1", container),)}
    assert "away_from_container" in found(event(5.1, place="B", country="FR"), **case)
    assert "away_from_container" not in found(event(5.1, place="B", country="CN"), **case)


# --- custody --------------------------------------------------------------------------------------------------------


def test_sent_and_never_taken_in_is_a_weak_sign() -> None:
    sign = found(event(0, "shipping"), event(9, "storing", "shop"))["custody_gap"]
    assert (sign.percent, sign.said["missing"]) == (20, "receiving")


def test_taken_in_and_never_sent_is_one_too() -> None:
    assert found(event(0, "storing"), event(9, "receiving", "shop"))["custody_gap"].said["missing"] == "shipping"


@pytest.mark.parametrize(
    "seen",
    [
        (event(0, "shipping"), event(9, "receiving", "shop")),
        (event(0, "departing"), event(9, "arriving", "shop"), event(10, "accepting", "shop")),
        (event(0, "shipping"), event(1, "storing")),
        (event(0, "receiving", "shop"),),
        (event(0, "shipping"), scan(5), event(9, "receiving", "shop")),
    ],
)
def test_a_pair_of_sending_and_taking_is_no_gap(seen: tuple[Seen, ...]) -> None:
    assert "custody_gap" not in found(*seen)


# --- scanners -------------------------------------------------------------------------------------------------------


def test_a_crowd_of_scanners_within_days_is_a_sign_that_grows() -> None:
    twelve = [scan(hour, scanner=f"s{hour}") for hour in range(12)]
    assert found(*twelve)["many_scanners"].percent == 40
    crowd = [scan(hour, scanner=f"s{hour}") for hour in range(60)]
    assert found(*crowd)["many_scanners"].percent == 80


def test_one_scanner_many_times_few_scanners_or_many_over_years_are_none() -> None:
    assert "many_scanners" not in found(*(scan(hour, scanner="same") for hour in range(60)))
    assert "many_scanners" not in found(*(scan(hour, scanner=f"s{hour}") for hour in range(11)))
    assert "many_scanners" not in found(*(scan(hour) for hour in range(60)))
    over_years = [scan(number * 7 * DAY_US / HOUR_US, scanner=f"s{number}") for number in range(60)]
    assert "many_scanners" not in found(*over_years)


# --- serials and tags -----------------------------------------------------------------------------------------------


def test_an_unknown_serial_of_a_serial_product_is_a_sign() -> None:
    assert found(is_known=False, product_has_serials=True)["unknown_serial"].percent == 70


def test_an_unknown_serial_of_a_product_without_serials_and_a_known_one_are_none() -> None:
    assert "unknown_serial" not in found(is_known=False)
    assert "unknown_serial" not in found(is_known=True, product_has_serials=True)


def test_a_wrong_tag_is_the_strongest_sign_and_a_right_one_is_none() -> None:
    assert found(scan(0, tag="wrong"))["wrong_tag"].percent == 90
    assert found(scan(0, tag="missing"))["missing_tag"].percent == 40
    assert found(scan(0, tag="right"), scan(1)) == {}


# --- together -------------------------------------------------------------------------------------------------------


def test_signs_join_to_a_likelihood_that_is_never_certainty() -> None:
    def sign(percent: int) -> Sign:
        return Sign("wrong_tag", percent, 0, {})

    assert together([]) == 0
    assert together([sign(50), sign(50)]) == 75
    assert together([sign(90)] * 20) == 99


def test_the_likeliest_sign_stands_first_and_of_each_rule_one() -> None:
    case = Case(is_known=True, seen=(scan(0, tag="wrong"), scan(1, tag="wrong"), scan(2, tag="missing")))
    assert [(one.rule, one.percent) for one in signs(case)] == [("wrong_tag", 90), ("missing_tag", 40)]


# --- places ---------------------------------------------------------------------------------------------------------


def test_a_geohash_is_cut_to_a_cell_and_its_middle_is_right() -> None:
    """`u4pruydqqvj` is the example of Wikipedia: 57.64911 north, 10.40744 east."""
    assert geohash_of(" U4PRUYDQQVJ ") == "u4pr"
    point = point_of("u4pr")
    assert apart_km(point, Point(57.64911, 10.40744, 0.0)) == 0.0
    assert 14 < point.within_km < 15


@pytest.mark.parametrize("text", ["", "a", "il0o", "中文", "u4p!"])
def test_what_is_no_geohash_is_nothing(text: str) -> None:
    assert geohash_of(text) == ""


def test_distances_follow_the_great_circle() -> None:
    """Paris to New York by the same places of two airports: 5,837 km (CDG-JFK, great circle mapper)."""
    assert apart_km(Point(49.0097, 2.5478, 0), Point(40.6398, -73.7789, 0)) == pytest.approx(5_837, abs=25)


@pytest.mark.parametrize("given", [("91", "0"), ("0", "181"), ("x", "0"), ("nan", "0"), ("", "")])
def test_degrees_that_are_nowhere_are_no_place(given: tuple[str, str]) -> None:
    assert written_point(*given) is None
