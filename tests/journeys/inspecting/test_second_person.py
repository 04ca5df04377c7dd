"""Nobody is the second person to their own work, whenever it turns out who made it."""


def test_another_person_than_the_maker_counts_and_lets_the_lot_go(floor, mia, ines):
    floor.lot("A", "MIA")
    assert floor.release() == ("hold", ["no_second_person"])
    name = floor.inspect(ines)
    assert floor.standing(name) == ("accepted", [], True, True)
    assert floor.get(name)["result"] == "pass"
    assert floor.release() == ("allow", [])


def test_a_maker_who_inspects_is_kept_but_never_counts(floor, mia):
    floor.lot("A", "MIA")
    name = floor.inspect(mia)
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
    assert floor.release() == ("hold", ["no_second_person"])


def test_a_maker_who_is_named_later_turns_the_inspection_into_a_self_check_at_once(floor, mia, ines):
    floor.lot("A", "MIA")
    name = floor.inspect(ines)
    assert floor.count()["inspected"] == 10
    named = floor.lot("A", "MIA", "INES")
    assert named["demoted"] == [name]
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
    assert floor.count()["inspected"] is None
    assert floor.release() == ("hold", ["no_second_person"])


def test_while_nobody_knows_who_made_it_an_inspection_counts_but_is_no_second_persons(floor, mia, ines):
    floor.lot("A")
    name = floor.inspect(ines)
    assert floor.standing(name) == ("accepted", ["maker_unknown"], True, None)
    assert floor.release() == ("hold", ["maker_unknown"])
    floor.lot("A", "MIA")
    assert floor.standing(name) == ("accepted", [], True, True)
    assert floor.release() == ("allow", [])


def test_the_first_of_two_who_inspect_one_lot_counts_and_if_that_falls_away_the_other(floor, mia, ines):
    omar = floor.person("OMAR")
    floor.lot("A", "MIA")
    first, second = floor.inspect(ines), floor.inspect(omar)
    assert floor.standing(second) == ("accepted", ["also_inspected"], False, True)
    assert floor.count()["inspected"] == 10
    floor.lot("A", "INES")
    assert floor.standing(first) == ("quarantined", ["self_check"], False, False)
    assert floor.standing(second) == ("accepted", [], True, True)
    assert floor.count()["inspected"] == 10


def test_two_accounts_of_one_human_being_are_one_person_to_the_lot(floor, mia, ines):
    admin = floor.life.somebody("ADMIN", "admin")
    floor.lot("A", "MIA")
    name = floor.inspect(ines)
    merged = admin.done("POST", "/people/INES/same-as", {"badge": "MIA"})
    assert merged["demoted"] == [name]
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
    assert floor.count()["inspected"] is None
    parted = admin.done("POST", "/people/INES/same-as", {"badge": "INES"})
    assert parted["demoted"] == []
    assert floor.standing(name) == ("accepted", [], True, True)
    assert floor.count()["inspected"] == 10
    assert floor.release() == ("allow", [])


def test_a_third_account_of_the_maker_is_known_for_theirs_before_it_inspects(floor, mia):
    admin = floor.life.somebody("ADMIN", "admin")
    third = floor.person("THIRD")
    admin.done("POST", "/people/THIRD/same-as", {"badge": "MIA"})
    floor.lot("A", "MIA")
    name = floor.inspect(third)
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
