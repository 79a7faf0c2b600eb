"""What is said in a meeting: sentences that can be read, and made-up words where
a transcript must be long.
"""

import random
from functools import lru_cache
from typing import Final

TITLES: Final = {
    "en": [
        "Discovery: {company}",
        "Demo for {company}",
        "Pricing with {company}",
        "{company}: next steps",
    ],
    "nl": [
        "Kennismaking {company}",
        "Demo voor {company}",
        "Offerte {company}",
        "{company}: vervolg",
    ],
    "fr": [
        "Découverte : {company}",
        "Démo pour {company}",
        "Tarifs {company}",
        "{company} : la suite",
    ],
    "de": [
        "Erstgespräch {company}",
        "Vorführung für {company}",
        "Angebot {company}",
        "{company}: wie weiter",
    ],
}
INSIDE: Final = {
    "en": "Weekly pipeline",
    "nl": "Weekstart verkoop",
    "fr": "Point de la semaine",
    "de": "Jour fixe",
}
SAID: Final = {
    "en": [
        "Thanks for making the time today.",
        "We looked at three vendors before we called you.",
        "The onboarding took too long with our current tool.",
        "Could you send the pricing for twenty seats?",
        "Our warehouse team would have to agree as well.",
        "The integration with our planning is what I care about.",
        "Security will ask where the data is kept.",
        "Let us try it with one region first.",
        "The budget is approved until the end of the quarter.",
        "I will talk to finance and come back on Tuesday.",
    ],
    "nl": [
        "Fijn dat je tijd hebt gemaakt.",
        "We hebben drie leveranciers bekeken voordat we belden.",
        "De overstap duurde vorige keer veel te lang.",
        "Kun je de prijs voor twintig gebruikers sturen?",
        "Ons magazijn moet het er ook mee eens zijn.",
        "De koppeling met onze planning is het belangrijkste.",
        "We beginnen liever met één regio.",
        "Ik overleg met financiën en bel dinsdag terug.",
    ],
    "fr": [
        "Merci d'avoir pris le temps aujourd'hui.",
        "Nous avons comparé trois fournisseurs avant de vous appeler.",
        "La mise en route a été trop longue avec notre outil actuel.",
        "Pouvez-vous envoyer le tarif pour vingt postes ?",
        "L'équipe de l'entrepôt devra être d'accord.",
        "L'intégration avec notre planning est essentielle.",
        "Commençons par une seule région.",
        "J'en parle à la comptabilité et je reviens vers vous mardi.",
    ],
    "de": [
        "Danke, dass Sie sich Zeit nehmen.",
        "Wir haben vorher drei Anbieter verglichen.",
        "Die Einführung hat beim letzten Mal zu lange gedauert.",
        "Schicken Sie uns bitte den Preis für zwanzig Plätze?",
        "Unser Lager müsste auch zustimmen.",
        "Die Anbindung an unsere Planung ist das Wichtigste.",
        "Lassen Sie uns mit einer Region beginnen.",
        "Ich spreche mit der Buchhaltung und melde mich am Dienstag.",
    ],
}
LANGUAGES: Final = ("en", "en", "nl", "nl", "fr", "de")
ITEMS: Final = [
    "Send the proposal",
    "Plan a second demo",
    "Share the security sheet",
    "Ask finance for the budget",
]
POINTS: Final = [
    "{who} compares three vendors and decides before the end of the quarter.",
    "The current tool is slow to set up; the warehouse has to agree.",
    "Pricing for twenty seats was asked for, with a start in one region.",
    "The integration with the planning decides; security wants to know where data is kept.",
    "No objection to the yearly plan; the discount is still open.",
]


def title(dice: random.Random, language: str, company: str | None) -> str:
    return dice.choice(TITLES[language]).format(company=company) if company else INSIDE[language]


def summary(dice: random.Random, who: str) -> str:
    """Write Markdown, in English whatever was spoken, as the vendor writes it."""
    points = dice.sample(POINTS, 3)
    lines = [
        f"- **{head}**: {point.format(who=who)}"
        for head, point in zip(("Need", "Facts", "Next"), points, strict=True)
    ]
    return "## Meeting purpose\n\nAgree on the next step.\n\n## Key takeaways\n\n" + "\n".join(
        lines
    )


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    """Make up many words of different lengths, so that a long text packs no better than a real
    text.
    """
    dice = random.Random("words")
    starts = [
        "b",
        "br",
        "d",
        "f",
        "gl",
        "h",
        "k",
        "kl",
        "l",
        "m",
        "n",
        "p",
        "pr",
        "r",
        "s",
        "st",
        "t",
        "tr",
        "v",
        "w",
    ]
    ends = ["a", "e", "i", "o", "u", "an", "el", "er", "ing", "on", "is", "ou", "ee", "ant", "ure"]
    return [
        "".join(dice.choice(starts) + dice.choice(ends) for _ in range(dice.randint(1, 4)))
        for _ in range(6000)
    ]


def filling(dice: random.Random, size: int) -> list[str]:
    """Make up sentences of about `size` bytes together."""
    words = dice.choices(_vocabulary(), k=max(1, size // 7))
    return [
        " ".join(words[start : start + 18]).capitalize() + "." for start in range(0, len(words), 18)
    ]
