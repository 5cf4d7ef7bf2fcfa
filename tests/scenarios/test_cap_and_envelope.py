"""Is CAP 1.2 read and written as OASIS wrote it, is a drill always an exercise, and is hostile XML refused?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import safe_xml
from gis.crs import LonLat
from gis.errors import InputError
from scenarios.exchange import cap, envelope
from scenarios.exchange.alert import Alert, Area, Circle, Info

# CAP-v1.2, OASIS Standard, 1 July 2010, appendix A.2 "Severe Thunderstorm Warning", the description left out.
PUBLISHED = b"""<?xml version = "1.0" encoding = "UTF-8"?>
<alert xmlns = "urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>KSTO1055887203</identifier>
  <sender>KSTO@NWS.NOAA.GOV</sender>
  <sent>2003-06-17T14:57:00-07:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <category>Met</category>
    <event>SEVERE THUNDERSTORM</event>
    <responseType>Shelter</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <eventCode>
      <valueName>SAME</valueName>
      <value>SVR</value>
    </eventCode>
    <expires>2003-06-17T16:00:00-07:00</expires>
    <senderName>NATIONAL WEATHER SERVICE SACRAMENTO CA</senderName>
    <headline>SEVERE THUNDERSTORM WARNING</headline>
    <instruction>TAKE COVER IN A SUBSTANTIAL SHELTER UNTIL THE STORM PASSES.</instruction>
    <contact>BARUFFALDI/JUSKIE</contact>
    <area>
      <areaDesc>EXTREME NORTH CENTRAL TUOLUMNE COUNTY IN CALIFORNIA</areaDesc>
      <polygon>38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14</polygon>
      <geocode>
        <valueName>SAME</valueName>
        <value>006109</value>
      </geocode>
    </area>
  </info>
</alert>
"""
SENT = datetime(2026, 11, 24, 6, 5, 0, tzinfo=UTC)
RING = (LonLat(118.70, 31.40), LonLat(118.72, 31.40), LonLat(118.72, 31.42), LonLat(118.70, 31.40))
ALERT = Alert(
    "YL-2026-0001-00009", "egis.990102", SENT, "Actual", "Alert", "Public",
    info=(
        Info(
            "氯气泄漏（演练）", ("CBRNE", "Safety"), "Immediate", "Severe", "Observed", responses=("Shelter",),
            effective=SENT, expires=SENT + timedelta(hours=2), headline="掩蔽 <急> & 勿出",
            parameters=(("run", "R-1"),),
            areas=(Area("液氯库东侧", (RING,), (Circle(LonLat(118.7, 31.4), 0.8),), (("GB/T 2260", "990102"),)),),
        ),
    ),
)  # fmt: skip


def test_the_published_message_is_read() -> None:
    read = cap.read(PUBLISHED)
    assert (read.identifier, read.status, read.sent.isoformat()) == (
        "KSTO1055887203", "Actual", "2003-06-17T14:57:00-07:00",
    )  # fmt: skip
    (info,) = read.info
    assert (info.language, info.categories, info.responses) == ("en-US", ("Met",), ("Shelter",))
    (area,) = info.areas
    # Latitude comes first in CAP, longitude first in this house.
    assert area.rings[0][0] == LonLat(-120.14, 38.47)
    assert area.rings[0][0] == area.rings[0][-1]
    assert area.geocodes == (("SAME", "006109"),)


def test_what_is_written_reads_back_with_latitude_first_in_between() -> None:
    content = cap.write(ALERT, "live")
    assert cap.read(content) == ALERT
    assert b"<polygon>31.400000,118.700000 31.400000,118.720000" in content
    assert b"<circle>31.400000,118.700000 0.8</circle>" in content
    assert b"<sent>2026-11-24T14:05:00+08:00</sent>" in content, "an offset written out, never Z"


@given(
    st.sampled_from(["Actual", "Exercise", "System", "Test", "Draft"]),
    st.sampled_from([("drill", "Exercise"), ("sim", "Test")]),
)
def test_nothing_leaves_a_drill_as_real(status: str, world: tuple[str, str]) -> None:
    mode, forced = world
    made = replace(ALERT, status=status)  # type: ignore[arg-type]
    assert cap.read(cap.write(made, mode)).status == forced  # type: ignore[arg-type]
    around = envelope.Envelope("a", "b", SENT, SENT + timedelta(hours=1), status, "Report", alert=made)  # type: ignore[arg-type]
    read = envelope.read(envelope.write(around, mode))  # type: ignore[arg-type]
    assert read.alert is not None
    assert (read.status, read.alert.status) == (forced, forced)


@given(st.floats(73, 136), st.floats(3, 54), st.floats(0.1, 50))
def test_places_survive_the_way_there_and_back(longitude: float, latitude: float, radius_km: float) -> None:
    place = LonLat(round(longitude, 6), round(latitude, 6))
    area = Area("x", circles=(Circle(place, float(f"{radius_km:g}")),))
    read = cap.read(cap.write(replace(ALERT, info=(replace(ALERT.info[0], areas=(area,)),)), "live"))
    assert read.info[0].areas[0].circles[0] == area.circles[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<status>Actual</status>", b"<status>Real</status>", "Real"),
        (b"2003-06-17T14:57:00-07:00", b"2003-06-17T14:57:00Z", "2003-06-17T14:57:00Z"),
        (b"<scope>Public</scope>", b"", "scope"),
        (b"<category>Met</category>", b"<category>Weather</category>", "Weather"),
        (b"38.47,-120.14</polygon>", b"38.48,-120.14</polygon>", "stays open"),
        (b"38.34,-119.95 38.52,-119.74 38.62,-119.89 ", b"", "at least four points"),
        (b"38.34,-119.95", b"-119.95,38.34", "latitude comes first"),
        (b"KSTO1055887203", b"KSTO 1055887203", "identifier"),
        (b"<scope>Public</scope>", b"<scope>Private</scope>", "addresses"),
        (b"<msgType>Alert</msgType>", b"<msgType>Update</msgType>", "references"),
        (b"cap:1.2", b"cap:1.1", "cap:1.2"),
        (b"<info>", b"<inform>", "not well-formed"),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused_with_its_reason(old: bytes, new: bytes, said: str) -> None:
    assert old in PUBLISHED
    with pytest.raises(InputError, match=said):
        cap.read(PUBLISHED.replace(old, new, 1))


BOMB = b"""<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&b;</identifier></alert>"""


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        BOMB.replace(b"<!DOCTYPE", b"<!doctype"),
        b'<!DOCTYPE alert SYSTEM "http://example.invalid/x.dtd"><alert/>',
        b'<?xml version="1.0" encoding="UTF-16"?><alert/>',
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a><a/>".encode("utf-16"),
        b"",
        b"<alert>" + b"x" * safe_xml.LIMIT + b"</alert>",
        b"<a>" * 400 + b"</a>" * 400,
    ],
    ids=["entities", "small letters", "outside", "says utf-16", "is utf-16", "empty", "too large", "too deep"],
)
def test_hostile_xml_is_refused(content: bytes) -> None:
    for read in (cap.read, envelope.read):
        with pytest.raises(InputError):
            read(content)


def test_an_envelope_carries_alert_and_text_between_levels() -> None:
    made = envelope.Envelope(
        "egis.990102_1", "egis.990102", SENT.astimezone(timezone(timedelta(hours=8))), SENT + timedelta(hours=2),
        "Actual", "Report", receivers=(("division", "990000"),), description="首报（演练）", alert=ALERT,
        text='{"entry": 9}',
    )  # fmt: skip
    assert envelope.read(envelope.write(made, "live")) == made
    with pytest.raises(InputError, match="expire"):
        envelope.write(replace(made, expires=SENT - timedelta(hours=1)), "live")


def test_an_envelope_with_faults_names_them_all() -> None:
    content = envelope.write(
        envelope.Envelope("a", "b", SENT, SENT + timedelta(hours=2), "Actual", "Report"), "live"
    ).replace(b">Actual<", b">Real<").replace(b">Report<", b">News<")  # fmt: skip
    with pytest.raises(InputError) as caught:
        envelope.read(content)
    assert "Real" in str(caught.value)
    assert "News" in str(caught.value)
