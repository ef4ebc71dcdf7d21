"""Help first: a search that holds crisis words gets a card above its results. Nothing is stored, nobody is told."""

from __future__ import annotations

from moderation.gate.deciding import Decider, Facts, Parts, group_rules
from moderation.gate.support import Reader, Support, SupportCard


class SearchHelp:
    def __init__(self, decider: Decider, support: Support) -> None:
        self._decider = decider
        self._support = support

    def help_for_search(self, text: str, reader: Reader) -> SupportCard | None:
        """The card, or None where the words ask for none."""
        decision = self._decider.decide(Parts(text), Facts("search", group_rules(None, None)))
        if not decision.has_care:
            return None
        return self._support.help_for(decision.topic, decision.tier, reader)
