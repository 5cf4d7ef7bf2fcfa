"""How do a title and a place that stand in the record reach readers of either language?"""

from pydantic import BaseModel, computed_field

from command_ui.words.titles import place_in, title_in


class Titled(BaseModel):
    """What has a title that was recorded as `title`; `titles` says it as readers of either language do."""

    title: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def titles(self) -> dict[str, str]:
        """Language -> title; alike where a person or a device wrote it."""
        return {"zh": title_in(self.title, "zh"), "en": title_in(self.title, "en")}


class Placed(Titled):
    """What says where it is in words, too: `place_text` as it was recorded, `place_texts` for readers."""

    place_text: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def place_texts(self) -> dict[str, str]:
        """Language -> place; alike where a person wrote it."""
        return places_of(self.place_text)


def places_of(place: str) -> dict[str, str]:
    """Language -> what stands below such a title."""
    return {"zh": place_in(place, "zh"), "en": place_in(place, "en")}
