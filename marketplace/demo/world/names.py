"""Name parts from which invented people are made, and what they do. Any likeness to a person is chance."""

from __future__ import annotations

GIVEN = (
    "Amara", "Bram", "Chiara", "Daniyar", "Elif", "Farid", "Greta", "Hana", "Idris", "Jelena", "Kwame", "Leila", "Milo",
    "Nadia", "Omar", "Petra", "Quentin", "Rosa", "Soren", "Tamsin", "Uri", "Vesna", "Wanda", "Xenia", "Yusuf", "Zofia",
    "Alma", "Boris", "Carys", "Dov", "Esra", "Finn", "Gwen", "Hugo", "Ilse", "Jonas", "Kaveh", "Lotte", "Maeve", "Niko",
)  # fmt: skip
FAMILY = (
    "Achterberg", "Balogun", "Castellan", "Dragovic", "Eastwell", "Ferrante", "Grunwald", "Halvorsen", "Ilunga", "Jansky",
    "Kowalczyk", "Lindgren", "Marchetti", "Nakagawa", "Oyelaran", "Petrov", "Quispe", "Rasmussen", "Sandoval", "Thackeray",
    "Umarov", "Vasquez", "Wexford", "Yilmaz", "Zeller", "Aldana", "Brandt", "Cho", "Delacroix", "Engstrom",
)  # fmt: skip
HEADLINES = {
    "medicine": "{field} physician, hospital practice",
    "law": "{field} lawyer, private practice",
    "finance": "{field}, fifteen years in firms of all sizes",
    "software": "{field} developer who reviews more than writes",
    "sciences": "{field}, research and teaching",
    "writing": "{field}, produced and published",
    "games": "{field} player and trainer",
    "wine-food": "{field} professional, service and training",
    "languages": "{field}, first language and trade",
    "education": "Teacher, {field}",
}
COUNTRIES = ("US", "GB", "CA", "IE", "DE", "ES", "FR", "PT", "IT", "NL", "SE", "PL", "IN", "KR", "JP", "MX")
ZONES = {
    "US": "America/New_York", "GB": "Europe/London", "CA": "America/Toronto", "IE": "Europe/Dublin", "DE": "Europe/Berlin",
    "ES": "Europe/Madrid", "FR": "Europe/Paris", "PT": "Europe/Lisbon", "IT": "Europe/Rome", "NL": "Europe/Amsterdam",
    "SE": "Europe/Stockholm", "PL": "Europe/Warsaw", "IN": "Asia/Kolkata", "KR": "Asia/Seoul", "JP": "Asia/Tokyo",
    "MX": "America/Mexico_City",
}  # fmt: skip

DEGREES = ("BSc", "MSc", "MA", "PhD", "Diploma")
EMPLOYERS = (
    "Invented Hospital North", "Lakeside Practice (invented)", "Harbour Institute (invented)", "Invented Court Chambers",
    "Meadow & Field (invented)", "Invented Polytechnic", "Old Mill Studio (invented)", "Invented City Council",
)  # fmt: skip
"""Where invented people worked; none of them exists."""
