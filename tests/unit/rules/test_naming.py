"""Entries that could clear nothing are faults."""

from __future__ import annotations

import pytest

from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.naming import notice_fault, permission_fault

KNOWN = load_jurisdictions()


@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("kr.act-129-2", "permission", ""),
        ("icao.overflight:Japan", "exception", ""),
        ("kr.act-192-2", "permission", "did you mean 'kr.act-129-2'?"),
        ("icao.overflight", "permission", "write icao.overflight:COUNTRY"),
        ("icao.overflight:", "permission", "write icao.overflight:COUNTRY"),
        ("kr.act-129-2:Japan", "permission", "write kr.act-129-2"),
        ("kr.act-129-2", "exception", "what clears it is permission"),
        ("us.101-33-towns", "permission", "what clears it is nothing that can be entered"),
    ],
)
def test_given_a_permission_when_it_could_clear_nothing_then_it_is_a_fault(
    name: str, kind: str, word: str
) -> None:
    found = permission_fault(name, kind, KNOWN)
    assert bool(found) is bool(word)
    assert word in found


def test_given_a_notice_when_its_rule_asks_for_none_then_it_is_a_fault():
    assert notice_fault("us.101-37", KNOWN) == ""
    assert "known: icao.notice, us.101-37" in notice_fault("kr.rule-308", KNOWN)
