"""What a masked identity still shows."""

import pytest

from domain.people import EXCLUSIVE, IDENTITY_ROLES, Level, Role, Viewer
from services import identity_view
from services.demo.people import STAFF, person_rows
from services.identity import Identity, masked
from tests.office import NOW


@pytest.mark.parametrize(
    ("address", "shown", "why"),
    [
        ("南京市玄武区梅园新村街道1号", "南京市玄武区梅园新村街道****", "to the township"),
        ("苏州市昆山市张浦镇商秧路5号", "苏州市昆山市张浦镇****", "to the town"),
        ("海安县白甸乡三组", "海安县白甸乡****", "to the rural township"),
        ("南京市玄武区珠江路88号镇海大厦", "南京市玄武区****", "镇 after a road is none"),
        ("南京市鼓楼区中山北路30号", "南京市鼓楼区****", "no township: to the district"),
        ("徐州市沛县汉城路", "徐州市沛县****", "to the county"),
        ("昆山市前进中路", "昆山市****", "to the county-level city"),
        ("南京市阳光小区3幢201室", "南京市****", "an estate is no district"),
        ("中山北路30号101室", "****", "a road alone shows nothing"),
        ("１２号院玄武区", "****", "nothing after a digit of another width"),
        ("5幢302室", "****", "a house alone"),
        ("", "", "none"),
    ],
)
def test_an_address_ends_at_its_township(address: str, shown: str, why: str) -> None:
    assert masked(Identity(address=address)).address == shown, why


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("02583401234", "02******234"),
        ("83401234", "83****34"),
        ("12345", "1***5"),
        ("110", "***"),
        ("1", "*"),
        ("", ""),
    ],
)
def test_half_a_number_stays_hidden_but_for_the_usual_mobile(phone: str, shown: str) -> None:
    assert masked(Identity(phone=phone)).phone == shown


@pytest.mark.parametrize(
    ("id_no", "shown"),
    [("320102199001011234", "320*************34"), ("E1234567", "E1****67"), ("AB12", "****")],
)
def test_an_id_number_shows_its_ends(id_no: str, shown: str) -> None:
    assert masked(Identity(id_no=id_no)).id_no == shown


@pytest.mark.parametrize(("name", "shown"), [("张三丰", "张**"), ("张", "*"), ("", "")])
def test_a_name_shows_its_first_character_of_several(name: str, shown: str) -> None:
    assert masked(Identity(name=name)).name == shown


@pytest.mark.parametrize("role", sorted(Role))
def test_only_those_who_work_with_petitioners_see_any(role: Role) -> None:
    def one(*roles: Role) -> Viewer:
        return Viewer(1, "某", 320100, "南京", frozenset(roles))

    assert identity_view.may_see(one(role)) is (role in IDENTITY_ROLES)
    assert not identity_view.may_see(one(role, Role.AUDITOR))


def test_nobody_audits_or_administers_the_own_work() -> None:
    for role in Role:
        for apart, others in ((Role.AUDITOR, IDENTITY_ROLES), (Role.ADMIN, set(Role))):
            pair = frozenset({apart, role})
            if len(pair) == 2:
                assert (pair in EXCLUSIVE) is (role in others or pair == {Role.ADMIN, Role.AUDITOR})


def test_the_people_of_the_demonstration_keep_to_it() -> None:
    assert set(STAFF) == set(Level)
    held: dict[int, set[str]] = {}
    for row in person_rows(NOW)[1]:
        held.setdefault(row["person_id"], set()).add(row["role"])
    assert held and not [roles for roles in held.values() for pair in EXCLUSIVE if pair <= roles]
