"""Kind sentences for findings: one for the moderator stands on the finding, one for the author is looked up
here by rule, the longest matching prefix first.

care.md's pattern: thank you, what changed and why, for the safety of others, what stays, help now; never
"violated", "inappropriate", "bad word" or "flagged".
"""

from __future__ import annotations

_AUTHOR: dict[str, str] = {
    "care": "Thank you for telling us. We read it, and you are not alone with it.",
    "care.attempt": "Thank you for telling us. Please call an emergency number now, or let someone near you do it.",
    "care.amount": "Thank you for telling us. Please call an emergency number now, or let someone near you do it.",
    "care.medical": "Thank you for writing. This sounds like it needs medical help now, before anything else.",
    "care.dose": "Thank you for writing. A pharmacist or a medical helpline can say what to do about a dose.",
    "care.unwell": "Thank you for writing. If this gets worse, please call an emergency number.",
    "care.starvation": "Thank you for writing. Your body may need medical help now, before anything else.",
    "care.abuse": "Thank you for telling us. What is done to you is not your fault, and there is help.",
    "care.child": "Thank you for telling us. You did right to say it, and people who can help are near.",
    "care.child_risk": "Thank you for telling us. A child's safety comes first, and there is help for you too.",
    "care.voices": "Thank you for telling us. You don't have to do what they say; there is help right now.",
    "care.voices_coping": "Thank you for telling us how you cope.",
    "care.violence": "Thank you for saying it before anything happens. There is someone to talk to right now.",
    "care.harm_in_care": "Thank you for saying it. Caring can be too much for anyone, and there is help now.",
    "care.someone_else": "Thank you for looking out for them. Here is what you can do, and who answers now.",
    "care.carer": "Thank you for saying it. Many carers feel this, and there is rest to be had.",
    "care.self_harm": "Thank you for telling us. There is help for this, and no one here is cross with you.",
    "care.self_harm_urge": "Thank you for telling us instead. Stay near people if you can.",
    "care.eating": "Thank you for telling us. There is help that knows this well.",
    "care.substances": "Thank you for telling us. Please don't use alone; there is help that won't judge.",
    "care.distress": "Thank you for writing. Help is one tap away if you want it.",
    "care.together.overdose": "Thank you for telling us. Please call an emergency number now, or let someone "
    "near you do it.",
    "care.together.medical": "Thank you for writing. This sounds like it needs medical help now, before "
    "anything else.",
    "care.together.eating": "Thank you for writing. Your body may need medical help now, before anything else.",
    "care.together.abuse": "Thank you for telling us. What is done to you is not your fault, and there is help.",
    "care.together.child": "Thank you for telling us. You did right to say it, and people who can help are near.",
    "care.together.general": "Thank you for writing. Help is one tap away if you want it.",
    "care.hard_day": "Thank you for writing. We hear you.",
    "safety": "Thank you, we read it. We hid one detail, for the safety of others; what you feel stays.",
    "safety.encouragement": "Thank you, we read it. We kept this back for now, for the safety of the person it "
    "speaks to. You can put it another way, or ask a person.",
    "safety.pact": "Thank you, we read it. We kept this back for now, for your safety and that of others. "
    "Someone will write to you; help is here now.",
    "safety.sourcing": "Thank you, we read it. We kept this back for now, for the safety of others. "
    "Someone will write to you; help is here now.",
    "safety.livestream": "Thank you, we read it. We kept this back for now, for your safety and that of "
    "others. Someone will write to you; help is here now.",
    "weigh": "Thank you for telling us. We read it, and someone is with you now.",
    "fold": "Thank you. A person will read this too, since our reading had a fault of its own.",
    "structure": "Thank you. A person will read this too, since our reading had a fault of its own.",
    "opinion": "Thank you for writing. Help is one tap away if you want it.",
    "conduct": "This part may be hard on others. Could you put it another way?",
    "conduct.pii": "We hid a detail that could tell others who or where you are; the rest stays.",
    "conduct.profanity": "We hid a word that this group would rather not read; the rest stays.",
    "conduct.abuse": "This part may hurt someone here. Could you say it another way? You can also ask a person.",
    "conduct.spam": "This looked like something sent to many places. If it isn't, please ask a person.",
    "conduct.trade": "We kept this back, since things sold or asked for here have hurt people. If you are "
    "running short of what you need, a pharmacist or one of us can help.",
    "conduct.medicine": "We ask that no one here is told to stop or change a medicine, for the safety of "
    "others. Your own experience is welcome; a pharmacist can say what is safe.",
    "conduct.outreach": "This looked like an invitation from outside the group. People here came for each "
    "other; please ask a moderator first.",
    "conduct.people": "This names someone who isn't here to speak for themselves. The rest of what you "
    "wrote stays; you can say it without the name.",
    "pack": "We hid a detail that is hard on others in this group; what you feel stays.",
}


def author_sentence(rule: str) -> str:
    """One kind sentence for the author about a finding of `rule` ("conduct.slur.ableist")."""
    parts = rule.split(".")
    for length in range(len(parts), 0, -1):
        found = _AUTHOR.get(".".join(parts[:length]))
        if found is not None:
            return found
    return _AUTHOR["conduct"]
